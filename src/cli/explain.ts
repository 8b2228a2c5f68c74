import { loadConfig } from '../config/load-config.ts'
import { type AskedRequest, headOf } from '../explaining/asked-request.ts'
import { type Explanation, explain } from '../explaining/explanation.ts'
import { createGateFromConfig } from '../gateway.ts'
import { createRequestIds } from '../observability/request-ids.ts'
import type { VerifyMode } from '../session/verify-mode.ts'
import { type Command, exitCodes } from './command.ts'
import { type Arguments, configFile, readArguments } from './read-arguments.ts'
import { alignColumns } from './table.ts'
import { UsageError } from './usage-error.ts'

const help = `Usage: forage-gateway explain --config FILE METHOD TARGET
         [--token T] [-H 'Name: value']… [--json]

Makes the gateway's own decision about a request and shows every check on the
way: what passed, what was refused and why, the route that may have been meant,
and what would change the verdict. Nothing is sent to Forage.

  --config FILE        the configuration
  --token T            session token: adds "Authorization: Bearer T"; other
                       users of this machine can see it while this runs
  -H 'Name: value'     a field of the request; may be repeated. Host is
                       gateway.local unless given
  --json               the same as JSON

Exit code 0 when the request would be let through, 1 when it would not. Which
tokens are on record or revoked only the running gateway knows: POST /explain
on its admin listener answers the same there.

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
    const head = headOf(readRequest(given), createRequestIds()())
    const config = loadConfig(file, env)
    const now = Date.now() / 1000
    const gate = await createGateFromConfig(config, () => now)
    const notJudged = [`${unknownBy[config.session.verify]}: ${whoKnows}`]
    const explanation = explain(head, await gate.decide(head), { config, now, notJudged })
    stdout.write(given.has('json') ? `${JSON.stringify(explanation)}\n` : describe(explanation))
    return explanation.verdict === 'deny' ? exitCodes.no : exitCodes.fine
  },
}

/** What a program that was just begun knows nothing of. */
const unknownBy: Readonly<Record<VerifyMode, string>> = {
  signature: 'which tokens are revoked',
  ledger: 'which tokens are on record, and which are revoked',
  upstream: 'which tokens are revoked, and which Forage has refused',
}
const whoKnows = 'ask the running gateway, POST /explain on its admin listener'

function readRequest(given: Arguments): AskedRequest {
  const [method = '', target = ''] = given.positionals
  return { method, target, token: given.text('token'), fields: given.texts('header').flatMap(readField) }
}

/** The space around a value is not part of it (RFC 9110 §5.5). A value is not repeated: it may be a token. */
function readField(text: string): [string, string] {
  const colon = text.indexOf(':')
  if (colon < 1) throw new UsageError("-H takes 'Name: value'")
  return [text.slice(0, colon), text.slice(colon + 1).trim()]
}

function describe(explanation: Explanation): string {
  const { steps, remedies, notJudged, wouldDeny } = explanation
  const rows = steps.map(({ check, result, note }) => [check, result.replace('_', ' '), note ?? ''])
  const heading = wouldDeny === null ? 'would change the verdict' : 'before the policy is enforced'
  const parts = [
    alignColumns(rows),
    `${verdictLine(explanation)}\n`,
    list(heading, remedies),
    list('not known here', notJudged),
  ]
  return parts.filter(part => part !== '').join('\n')
}

function list(heading: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${heading}:\n${lines.map(line => `  - ${line}\n`).join('')}`
}

function verdictLine({ verdict, reason, status, code, wouldDeny }: Explanation): string {
  if (verdict === 'deny') return `deny: ${reason}, answered with ${status} ${code}`
  if (verdict === 'preflight') return 'preflight: answered by the gateway itself with 204'
  if (verdict === 'issue')
    return 'issue: answered by the gateway itself with a session token, if the caller may have one'
  const reported = wouldDeny === null ? '' : `, and logged as would_deny: ${wouldDeny}`
  return `allow: the request would be forwarded to Forage${reported}`
}
