import { parseArgs } from 'node:util'
import type { Config } from '../config/config.ts'
import { ConfigError, describeProblem } from '../config/config-error.ts'
import { loadConfig } from '../config/load-config.ts'
import { unreachableRoutes } from '../gate/policy-grants.ts'
import { describeReported } from '../gate/reported-routes.ts'
import { readForbidden } from './check-forbidden.ts'
import { prove } from './check-prove.ts'
import { type Command, type ExitCode, exitCodes, type Io } from './command.ts'
import { type Arguments, configFile, readArguments } from './read-arguments.ts'
import { UsageError } from './usage-error.ts'
import { describeVerification } from './verification.ts'

const help = `Usage: forage-gateway check --config FILE [--json]
       forage-gateway check --config FILE --prove [--forbid FILE]
         [METHOD TEMPLATE]… [--json]

Validates a configuration, the policy and the secrets that it names, and shows
every problem at once: file, line, key, and what to write instead. It starts
nothing, prints no secret, and names the routes that no session can reach.

  --config FILE   the configuration
  --prove         proves that no session token reaches a forbidden template,
                  or prints a request that gets through. Default: what no
                  policy may grant. METHOD may be "*", or "write"; a segment
                  {name}, or "*"; "**" at the end stands for any more
  --forbid FILE   forbidden templates: YAML, "forbid:" and a list
  --json          {"fine":true|false,"problems":[{"path","message",…}]}

Exit code 0 when it is fine, 78 when it is not; 1 when --prove finds a way in.

Example:
  forage-gateway check --config gateway.yaml --prove write '/api/orders/**'
`

const options = {
  config: { type: 'string' },
  prove: { type: 'boolean' },
  forbid: { type: 'string' },
  json: { type: 'boolean' },
} as const

export const command: Command = {
  help,
  run(args, io) {
    // Pairs of any number: they are counted first, since the reader of arguments takes a fixed number.
    const { positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: false })
    const given = readArguments(args, { options, positionals: positionals.map(() => 'METHOD TEMPLATE') })
    const file = configFile(given)
    const asksForProof = given.has('prove')
    if (!asksForProof && (positionals.length > 0 || given.text('forbid') !== undefined))
      throw new UsageError('forbidden templates are for --prove')
    try {
      return asksForProof ? proveFor(file, given, io) : showFine(file, loadConfig(file, io.env), given.has('json'), io)
    } catch (error) {
      if (error instanceof ConfigError) return showProblems(file, error, given.has('json'), io)
      throw error
    }
  },
}

/** What is forbidden is read first: it is soonest mended. */
function proveFor(file: string, given: Arguments, io: Io): ExitCode {
  const patterns = readForbidden(given.positionals, given.text('forbid'))
  return prove({ file, policy: loadConfig(file, io.env).policy, patterns, isJson: given.has('json') }, io)
}

function showFine(file: string, config: Config, isJson: boolean, { stdout }: Io): ExitCode {
  const { environment, upstream, policy } = config
  const unreachable = describeUnreachable(config)
  const reported = describeReported(policy)
  if (isJson) {
    const { verify } = config.session
    const { routes, scopes } = policy
    const summary = { environment, upstream: upstream.api, verify, routes: routes.length, scopes, unreachable }
    stdout.write(`${JSON.stringify({ fine: true, problems: [], ...summary, reported: reported ?? null })}\n`)
    return exitCodes.fine
  }
  stdout.write(`${file}: fine
  environment  ${environment}
  upstream     ${upstream.api}
  sessions     ${describeVerification(config)}
  policy       ${policy.routes.length} routes, scopes ${policy.scopes.join(', ')}
${reported === undefined ? '' : `  attention    ${reported}\n`}${unreachable.map(text => `  attention    ${text}\n`).join('')}`)
  return exitCodes.fine
}

/** The routes that stand in the policy and that no request ever takes, a sentence each. */
function describeUnreachable({ policy, issuing }: Config): readonly string[] {
  return unreachableRoutes(policy, issuing !== null).map(({ route: { method, template, scope }, why }) => {
    const cause = why === 'not_granted' ? `no session is granted its scope, ${scope}` : 'the gateway answers it itself'
    return `${method} ${template} is never reached: ${cause}`
  })
}

/** The problems are what was asked for, so they go to standard output. */
function showProblems(file: string, { problems }: ConfigError, isJson: boolean, { stdout }: Io): ExitCode {
  if (isJson) stdout.write(`${JSON.stringify({ fine: false, problems })}\n`)
  else {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
    stdout.write(`${file}: ${count}\n${problems.map(problem => `  ${describeProblem(problem)}\n`).join('')}`)
  }
  return exitCodes.wrongConfiguration
}
