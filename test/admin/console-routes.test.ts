import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import t, { type Test } from 'tap'
import { createSessionCounts } from '../../src/admin/console-sessions.ts'
import type { Config } from '../../src/config/config.ts'
import { withReported } from '../../src/gate/reported-routes.ts'
import { createReloadHistory } from '../../src/gateway/reload-history.ts'
import { createLedger } from '../../src/session/ledger.ts'
import { adminToken, askAdmin, refusalOf } from '../fixtures/admin-client.ts'
import { aConfig, aPolicy, aSessionConfig } from '../fixtures/config.ts'
import { startGateway } from '../fixtures/gateway.ts'
import { at, send } from '../fixtures/http-client.ts'
import { aLiveToken } from '../fixtures/live-token.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { anAuthenticationToken } from '../fixtures/token.ts'

const useCase = '"><script>alert(1)</script>'
const policy = withReported(
  aPolicy({
    scopes: { orders: ['GET /api/orders/{ref}/'], payments: ['POST /api/payments/'] },
    grants: { default: ['orders'], useCases: { [useCase]: ['orders'] }, claim: '<claim>' },
  }),
  { mode: 'enforce', scopes: ['payments'], routes: [] },
)

async function startConsole(t: Test, overrides: Partial<Config> = {}) {
  const { url } = await startRecorder(t)
  const admin = { host: '127.0.0.1', port: 0, token: Buffer.from(adminToken) }
  const gateway = await startGateway(t, aConfig(url, { admin, policy, ...overrides }))
  const read = async (path: string) => askAdmin(gateway.adminUrl, path, { token: null })
  const ask = async (path: string, body: object) => askAdmin(gateway.adminUrl, path, { body })
  return { gateway, read, ask, json: async (path: string) => JSON.parse((await read(path)).text) }
}

t.test('the page is whole without its script, and no name in it is markup', async t => {
  const { gateway, read, ask } = await startConsole(t, { session: aSessionConfig({ verify: 'ledger' }), workers: 2 })
  const token = aLiveToken()
  await ask('/tokens', { token, useCase })
  for (const path of ['/api/orders/secret-path/?secret=query', '/api/refunds/'])
    await send({
      ...at(gateway.url),
      path,
      headers: { Authorization: `Bearer ${token}`, 'X-Forwarded-For': '192.0.2.77' },
    })
  const { status, fields, text } = await read('/')
  t.same([status, fields['content-type'], fields['cache-control']], [200, 'text/html; charset=utf-8', 'no-store'])
  t.notMatch(text, '<script>')
  t.match(text, '&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;')
  t.match(text, '<code>&lt;claim&gt;</code>')
  t.match(text, /class="verdict allow">allow<.*class="verdict deny"|class="verdict deny">deny<.*class="verdict allow"/s)
  for (const word of ['route_not_allowed', 'GET /api/orders/{ref}/', 'scope payments', 'Several processes', 'in force'])
    t.match(text, word)
  for (const secret of [
    token,
    token.slice(-20),
    adminToken,
    'secret-path',
    'secret=query',
    '127.0.0.1:1',
    '192.0.2.77',
  ])
    t.notMatch(text, secret, 'no token, path, query or client')
  t.notMatch(text, / style=| on[a-z]+="|javascript:/, 'nothing that the policy of the page refuses')
})

t.test('the page may load its own files only, and run no text as markup', async t => {
  const { read } = await startConsole(t)
  const { fields, text } = await read('/')
  t.equal(
    fields['content-security-policy'],
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  )
  t.match(fields, {
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-opener-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
  })
  const loaded = [...text.matchAll(/(?:src|href)="(\/console\/[^"]+)"/g)].map(([, path]) => path as string)
  t.equal(loaded.length, 4)
  for (const path of loaded) {
    const asset = await read(path)
    t.equal(asset.status, 200, path)
    t.match(asset.fields['content-type'], path.endsWith('.css') ? /^text\/css/ : /^text\/javascript/)
  }
  t.equal((await read('/console/uplot.LICENSE')).status, 404, 'nothing else of the folder')
  t.equal((await read('/console/../package.json')).status, 404)
})

t.test('a script that is imported is served, and uses nothing that takes markup', async t => {
  const { read } = await startConsole(t)
  const seen = new Set<string>()
  const todo = ['console.js']
  for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
    if (seen.has(name)) continue
    seen.add(name)
    const { status, text } = await read(`/console/${name}`)
    t.equal(status, 200, name)
    t.notMatch(
      text,
      /innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|localStorage|sessionStorage|cookie/,
      name,
    )
    for (const [, imported] of text.matchAll(/from '\.\/([^']+)'/g)) todo.push(imported as string)
  }
  t.equal(seen.size, 12)
})

t.test('the library for plots is the one that is locked', async t => {
  const folder = createRequire(import.meta.url)
    .resolve('uplot/package.json')
    .replace('package.json', '')
  for (const [ours, theirs] of [
    ['uplot.js', 'dist/uPlot.iife.min.js'],
    ['uplot.css', 'dist/uPlot.min.css'],
    ['uplot.LICENSE', 'LICENSE'],
  ] as const)
    t.ok(readFileSync(`console/${ours}`).equals(readFileSync(`${folder}${theirs}`)), ours)
})

t.test('the figures tell the budget that is left, and what is in force', async t => {
  const base = aConfig('http://127.0.0.1:9')
  const budget = { requests: 900, windowSec: 300, maxWaitMs: 0 }
  const { gateway, read, json } = await startConsole(t, { upstream: { ...base.upstream, budget } })
  await send({ ...at(gateway.url), path: '/api/orders/a/', headers: { Authorization: `Bearer ${aLiveToken()}` } })
  const data = await json('/console/data')
  t.match(data, {
    isReady: true,
    totals: { requests: 1, allowed: 1, denied: 0, faults: 1 },
    reasons: [{ reason: 'upstream_unreachable', meaning: 'Forage cannot be reached', count: 1 }],
    budget: [{ egress: 'default', remaining: 900, allowance: 900 }],
    configuration: { generation: 1, problems: [], history: [{ result: 'success', generation: 1 }] },
  })
  t.equal(data.series.time.length, 179)
  t.match((await read('/')).text, '900 of 900')
  await gateway.reload()
  t.match((await json('/console/data')).configuration.history, [{ generation: 2 }, { generation: 1 }])
})

t.test('decisions are given after a number, and all of them where it is none', async t => {
  const { gateway, json } = await startConsole(t)
  for (const path of ['/a', '/b']) await send({ ...at(gateway.url), path })
  const numbers = async (query: string) => {
    const { decisions, last } = await json(`/console/decisions${query}`)
    return [decisions.map(({ number }: { number: number }) => number), last]
  }
  t.same(await numbers(''), [[1, 2], 2])
  t.same(await numbers('?after=1'), [[2], 2])
  t.same(await numbers('?after=2'), [[], 2])
  t.same(await numbers('?after=-1'), [[1, 2], 2])
  t.same(await numbers('?after=1x'), [[1, 2], 2])
})

t.test('a pasted token is read, and its signature is not repeated', async t => {
  const { ask, read } = await startConsole(t)
  const token = aLiveToken()
  const { status, text } = await ask('/console/token', { token: ` ${token}\n` })
  t.equal(status, 200)
  t.match(JSON.parse(text), {
    kind: 'session',
    environment: 'sandbox',
    format: 'jwt',
    canonical: true,
    claims: { a: 42 },
  })
  t.notMatch(text, token.split('.').at(-1) as string)
  t.match(JSON.parse((await ask('/console/token', { token: anAuthenticationToken() })).text), {
    kind: 'authentication',
  })
  t.equal(refusalOf(await ask('/console/token', {})), '400 invalid_input_data')
  t.equal((await read('/console/token')).status, 405)
})

t.test('without an admin token the page says that it only reads', async t => {
  const { read } = await startConsole(t, { admin: { host: '127.0.0.1', port: 0, token: undefined } })
  const { text } = await read('/')
  t.match(text, 'No admin token is configured')
  t.notMatch(text, 'type="password"')
})

t.test('sessions are counted by use case while they last, at most once in five seconds', async t => {
  let now = 1_000_000
  const ledger = createLedger()
  const record = (digest: string, expiresAt: number, named?: string) =>
    ledger.record({
      digest,
      expiresAt,
      provenance: {
        recordedAt: 1000,
        useCase: named,
        scopes: undefined,
        merchantAccount: undefined,
        parent: undefined,
      },
    })
  record('a', 1001, useCase)
  record('b', 2000, useCase)
  record('c', 2000)
  record('d', 2000, 'another')
  const config = () => aConfig('http://127.0.0.1:9', { policy })
  const revocations = { size: 0 }
  const count = createSessionCounts({ config, ledger, revocations, issued: () => ({ [useCase]: 7 }), now: () => now })
  const counts = () => count().useCases.map(each => [each.useCase, each.onRecord, each.issued, each.scopes.join()])
  const first = [
    [useCase, 2, 7, 'orders'],
    [null, 1, 0, 'orders'],
    ['another', 1, 0, 'orders'],
  ]
  t.same(counts(), first)
  now += 4_999
  revocations.size = 1
  t.same([counts(), count().total, count().revocations], [first, 4, 1])
  now += 1
  t.same([counts()[0], count().total], [[useCase, 1, 7, 'orders'], 3])
})

t.test('the last configurations that were read are remembered, the newest first', async t => {
  let now = 0
  const { note, list } = createReloadHistory(() => now, 2)
  const status = { generation: 1, policyDigest: 'd', loadedAt: '', needRestart: [], problems: [] }
  note('success', status)
  now = 1000
  note('failure', { ...status, problems: ['listen: no'] })
  now = 2000
  note('success', { ...status, generation: 2, needRestart: ['workers'] })
  t.same(list(), [
    {
      at: '1970-01-01T00:00:02.000Z',
      result: 'success',
      generation: 2,
      policyDigest: 'd',
      needRestart: ['workers'],
      problems: [],
    },
    {
      at: '1970-01-01T00:00:01.000Z',
      result: 'failure',
      generation: 1,
      policyDigest: 'd',
      needRestart: [],
      problems: ['listen: no'],
    },
  ])
})
