import { loadConfig } from '../config/load-config.ts'
import type { RequestHead } from '../gate/request-head.ts'
import { createGateFromConfig } from '../gateway.ts'
import { createRequestIds } from '../observability/request-ids.ts'
import { type Command, exitCodes } from './command.ts'
import { type Explanation, explainDecision, type Step } from './explanation.ts'
import { type Arguments, configFile, readArguments } from './read-arguments.ts'
import { reasonWords } from './reason-words.ts'
import { alignColumns } from './table.ts'
import { describeTime } from './times.ts'
import { UsageError } from './usage-error.ts'

const help = `Usage: forage-gateway explain --config FILE METHOD TARGET
         [--token T] [-H 'Name: value']… [--json]

Makes the gateway's own decision about a request and shows every check on the
way: what passed, what was refused and why. Nothing is sent to Forage.

  --config FILE        the configuration
  --token T            session token: adds "Authorization: Bearer T"; other
                       users of this machine can see it while this runs
  -H 'Name: value'     a field of the request; may be repeated. Host is
                       gateway.local unless given
  --json               verdict, reason, status, code, route, scope, session
                       and steps as JSON

Exit code 0 when the request would be let through, 1 when it would not.

Example:
  forage-gateway explain --config gateway.yaml GET /api/orders/0a1b2c3d4e/
`

const options = {
  config: { type: 'string' },
  token: { type: 'string' },
  header: { type: 'string', short: 'H', multiple: true },
  json: { type: 'boolean' },
} as const

export const command: Command = {
  help,
  async run(args, { stdout, env }) {
    const given = readArguments(args, { options, positionals: ['METHOD', 'TARGET'] })
    const file = configFile(given)
    const head = readHead(given)
    const config = loadConfig(file, env)
    const gate = await createGateFromConfig(config)
    const explanation = explainDecision(await gate.decide(head), config.policy)
    stdout.write(given.has('json') ? `${JSON.stringify(explanation)}\n` : describe(explanation, Date.now() / 1000))
    return explanation.verdict === 'deny' ? exitCodes.no : exitCodes.fine
  },
}

function readHead(given: Arguments): RequestHead {
  const [method = '', target = ''] = given.positionals
  const fields = given.texts('header').flatMap(readField)
  const hasHost = fields.some((name, index) => index % 2 === 0 && name.toLowerCase() === 'host')
  const token = given.text('token')
  return {
    method,
    target,
    fields: [
      ...(hasHost ? [] : ['Host', 'gateway.local']),
      ...(token === undefined ? [] : ['Authorization', `Bearer ${token}`]),
      ...fields,
    ],
    clientAddress: '127.0.0.1',
    scheme: 'http',
    ids: createRequestIds()(),
  }
}

/** The space around a value is not part of it (RFC 9110 §5.5). A value is not repeated: it may be a token. */
function readField(text: string): [string, string] {
  const colon = text.indexOf(':')
  if (colon < 1) throw new UsageError("-H takes 'Name: value'")
  return [text.slice(0, colon), text.slice(colon + 1).trim()]
}

function describe(explanation: Explanation, now: number): string {
  const rows = explanation.steps.map(step => [
    step.check,
    step.result.replace('_', ' '),
    noteOn(step, explanation, now) ?? '',
  ])
  return `${alignColumns(rows)}\n${verdictLine(explanation)}\n`
}

/** What was found at a check. */
function noteOn({ check, result }: Step, { reason, route, scope, session }: Explanation, now: number) {
  if (result === 'refused' && reason !== null) return `${reason}: ${reasonWords[reason]}`
  if (result === 'not_reached') return undefined
  if (check === 'route' && route !== null) return `${route}, scope ${scope}`
  if (check === 'token' && session) return `${session.format}, expires ${describeTime(session.expiresAt, now)}`
  if (check === 'scope' && session) return `granted: ${session.scopes.join(', ')}`
  return undefined
}

function verdictLine({ verdict, reason, status, code, session }: Explanation): string {
  if (verdict === 'allow') return 'allow: the request would be forwarded to Forage'
  if (verdict === 'preflight') return 'preflight: answered by the gateway itself with 204'
  const granted = reason === 'scope_insufficient' && session ? `; granted: ${session.scopes.join(', ') || 'none'}` : ''
  return `deny: ${reason}, answered with ${status} ${code}${granted}`
}
