import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { logFormats } from '../../src/config/config.ts'
import { packageFile } from '../../src/config/package-files.ts'
import { policyDigest } from '../../src/config/policy-digest.ts'
import type { Allowed } from '../../src/gate/decision.ts'
import { createAccessLog } from '../../src/observability/access-log.ts'
import type { LogFormat } from '../../src/observability/field-mapping-tables.ts'
import { openLogger } from '../../src/observability/logger.ts'
import type { RequestStory } from '../../src/observability/request-story.ts'
import { defaultPolicy } from '../fixtures/config.ts'
import { aSession } from '../fixtures/gate.ts'
import { aStory, issue, letIn, preflight, refusedAs } from '../fixtures/story.ts'
import { runCommand } from './run-command.ts'

const shipped = packageFile('config', 'policy.yaml')
const strict = packageFile('config', 'policy.strict.yaml')

/** Writes a log as the gateway does, and returns its path. */
async function writeLog(
  t: Test,
  stories: readonly RequestStory[],
  format: LogFormat = 'plain',
  sampleSuccesses = 1,
): Promise<string> {
  const destination = join(t.testdir(), 'access.log')
  const { logger, drain } = openLogger({ level: 'info', destination, format })
  const observe = createAccessLog({ logger, environment: 'sandbox', hashKey: Buffer.alloc(32), sampleSuccesses })
  logger.info({ event: 'state_connected' }, 'the state is there')
  for (const story of stories) observe(story)
  await drain()
  return destination
}

const replay = (log: string, policy: string, ...more: readonly string[]) =>
  runCommand(['replay', log, '--policy', policy, ...more])

const provenance = { recordedAt: 0, useCase: 'look', scopes: undefined, merchantAccount: undefined, parent: undefined }

/** A request of a session of use case look to a route of the shipped policy, let in. */
const looking = (template: string): Allowed => ({ ...letIn(template), session: aSession({ provenance }) })

/** The same, refused for lack of scope. */
function lacking(template: string): RequestStory {
  const { route, session, ...rest } = letIn(template)
  const decision = { ...rest, outcome: 'deny', reason: 'scope_insufficient', route, session, retryAfterSec: 0 } as const
  return aStory({ decision, reason: 'scope_insufficient', status: 403 })
}

const capture = letIn('/api/payments/{ref}/capture/')
const day: readonly RequestStory[] = [
  aStory(),
  aStory(),
  aStory({ decision: looking('/api/orders/{ref}/') }),
  aStory({ method: 'POST', decision: capture }),
  aStory({ method: 'POST', decision: capture, reason: 'upstream_timeout', status: 504 }),
  aStory({ decision: { ...letIn('/api/orders/{ref}/'), wouldDeny: 'scope_insufficient' } }),
  lacking('/api/payments/{ref}/'),
  aStory({ decision: refusedAs('token_expired'), reason: 'token_expired', status: 401 }),
  aStory({ decision: refusedAs('route_not_allowed'), reason: 'route_not_allowed', status: 403 }),
  aStory({ decision: preflight, status: 204 }),
  aStory({ decision: issue, status: 200 }),
  aStory({ decision: undefined, reason: 'field_invalid', status: 400 }),
]

for (const format of logFormats) {
  t.test(`a log in the format ${format} is judged under another policy`, async t => {
    const { code, out } = await replay(await writeLog(t, day, format), strict, '--json')
    t.equal(code, 1)
    const { groups, ...rest } = JSON.parse(out)
    t.match(rest, {
      same: false,
      lines: 13,
      requests: 10,
      changes: { same: 5, refused: 2, perhaps_refused: 1, perhaps_allowed: 1 },
      notJudged: { other: 1, no_route: 1, not_by_policy: 2 },
      ofThisPolicy: 0,
      sampled: 0,
      groupsLeftOut: 0,
    })
    t.same(groups[0], {
      lines: 2,
      effect: 'refused',
      method: 'POST',
      route: '/api/payments/{ref}/capture/',
      useCase: null,
      was: { decision: 'allow', reason: null },
      now: { decision: 'deny', reason: 'route_not_allowed' },
    })
    const useCases = groups.map((group: { useCase: string | null }) => group.useCase)
    t.same(
      useCases.filter((name: string | null) => name !== null),
      ['look'],
    )
  })
}

t.test('people are told what would change first, and what the log does not tell last', async t => {
  const { out } = await replay(await writeLog(t, day), strict)
  t.match(
    out,
    /^LINES {2}EFFECT {11}METHOD {2}ROUTE +USE CASE {2}THEN +NOW\n2 +refused +POST +\/api\/payments\/\{ref\}\/capture\/ +- +allow +route_not_allowed\n/,
  )
  t.match(out, /\n1 +perhaps refused +GET +\/api\/orders\/\{ref\}\/ +- +allow +allow, unless narrowed\n/)
  t.match(
    out,
    /\n1 +perhaps allowed +GET +\/api\/payments\/\{ref\}\/ +- +scope_insufficient {2}allow, unless narrowed\n/,
  )
  t.match(out, /\n13 lines: 5 the same, 2 would be refused, 1 perhaps refused, 1 perhaps allowed\n/)
  t.match(out, /\n {2}1 had no route \(route_not_allowed\): the log holds no path/)
  t.match(out, /\nwhat this log does not tell:\n {2}paths: /)
})

t.test('nothing changes for requests that are let through just as before', async t => {
  const log = await writeLog(t, [aStory(), aStory({ decision: looking('/api/orders/{ref}/') })])
  t.match(await replay(log, strict), { code: 0, out: /2 the same, 0 would be refused, 0 perhaps/ })
})

t.test('what a policy has decided itself it would decide again', async t => {
  const log = await writeLog(t, day)
  const digest = policyDigest(defaultPolicy())
  writeFileSync(log, readFileSync(log, 'utf8').replaceAll('abcdef0123456789', digest))
  const { code, out } = await replay(log, shipped)
  t.equal(code, 0)
  t.match(
    out,
    /\n13 lines: 10 the same, 0 would be refused, 0 perhaps refused, 0 perhaps allowed\n9 were decided by this very policy\n/,
  )
})

t.test('a path on which it depends is said to decide', async t => {
  const log = await writeLog(t, [aStory()])
  const file = join(dirname(log), 'one.yaml')
  writeFileSync(file, 'scopes: { s: ["GET /api/orders/one/"] }\ngrants: { default: [s] }\n')
  t.match(await replay(log, file), { code: 1, out: /perhaps refused +GET .* depends on the path\n/ })
})

t.test('a log of which successes were sampled out is told to count too low', async t => {
  // The trace of these stories is one that half of the traces are kept with.
  const log = await writeLog(t, [aStory()], 'plain', 0.99)
  t.match(await replay(log, strict), { code: 0, out: /1 lines stand for others that were sampled out/ })
})

t.test('lines that are no requests are counted, and foreign text does not reach the terminal', async t => {
  const log = await writeLog(t, [aStory()])
  const line = { level: 'info', msg: 'request', method: 'GET', decision: 'deny' }
  const odd = [
    'no json',
    '[]',
    'null',
    '',
    JSON.stringify(line),
    JSON.stringify({ ...line, reason: 'toString' }),
    JSON.stringify({ ...line, decision: 'allow' }),
    JSON.stringify({ ...line, reason: 'token_expired', method: 'x'.repeat(65) }),
    JSON.stringify({ ...line, reason: 'token_expired', use_case: '\u001b[2J' }),
    `{"a":"${'x'.repeat(70_000)}"}`,
  ]
  appendFileSync(log, odd.map(each => `${each}\n`).join(''))
  const { code, out } = await replay(log, strict)
  t.equal(code, 0)
  t.match(out, /\n {2}4 are no JSON objects\n/)
  t.match(out, /\n {2}4 are about requests, and not as the gateway writes them\n/)
  t.match(out, /\n {2}1 are longer than any line of the gateway\n/)
  t.match(out, /token_expired/)
  t.notMatch(out, '\u001b')
})

t.test('groups beyond a bound are counted and not kept', async t => {
  const line = { level: 'info', msg: 'request', method: 'GET', decision: 'deny', reason: 'token_expired' }
  const lines = Array.from({ length: 10_002 }, (_, index) => JSON.stringify({ ...line, use_case: `u${index}` }))
  const { code, out } = await runCommand(['replay', '-', '--policy', strict], { stdin: lines.join('\n') })
  t.equal(code, 0)
  t.match(out, /\n10002 lines: 10002 the same, .*, 2 of them in groups that are not shown\n/)
})

t.test('a log that cannot be read, or that holds no requests, is wrong usage', async t => {
  t.match(await replay('/absent.log', strict), { code: 2, out: '', err: '/absent.log: there is no such file\n' })
  t.match(await replay(shipped, strict), { code: 2, err: /holds no requests/ })
  t.match(await runCommand(['replay', 'access.log']), { code: 2, err: /--policy FILE is missing/ })
  t.match(await replay('-', '/absent.yaml'), { code: 78, err: /cannot be read/ })
})

/** What the files of an example stand for here. */
const filesOf = (log: string): Readonly<Record<string, string>> => ({
  'gateway.yaml': packageFile('config', 'demo.yaml'),
  'policy.yaml': shipped,
  'policy.strict.yaml': strict,
  'policy.cases.yaml': packageFile('config', 'policy.cases.yaml'),
  'access.log': log,
})

for (const [name, expected] of [
  ['check', 0],
  ['routes', 1],
  ['test-policy', 0],
  ['replay', 1],
] as const) {
  t.test(`the example in the help of ${name} is one that can be run, and ends with ${expected}`, async t => {
    const example = /Example:\n {2}forage-gateway (.*)\n/.exec((await runCommand([name, '--help'])).out)?.[1] ?? ''
    const files = filesOf(await writeLog(t, day))
    const args = example.split(' ').map(word => files[word] ?? word.replaceAll("'", ''))
    t.match(await runCommand(args), { code: expected, err: '' })
  })
}
