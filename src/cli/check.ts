import { parseArgs } from 'node:util'
import type { Config, IssuingConfig } from '../config/config.ts'
import { ConfigError, describeProblem } from '../config/config-error.ts'
import { loadConfig } from '../config/load-config.ts'
import { attentionOf, describeAttention } from './check-attention.ts'
import { checkUseCases, readForbidden } from './check-forbidden.ts'
import { prove } from './check-prove.ts'
import { type Command, type ExitCode, exitCodes, type Io } from './command.ts'
import { type Arguments, configFile, readArguments } from './read-arguments.ts'
import { UsageError } from './usage-error.ts'
import { describeVerification } from './verification.ts'

const help = `Usage: forage-gateway check --config FILE [--json]
       forage-gateway check --config FILE --prove [--forbid FILE]
         [--use-case NAME] [METHOD TEMPLATE]… [--json]

Validates a configuration, the policy and the secrets that it names, and shows
every problem at once: file, line, key, and what to write instead. It starts
nothing, prints no secret, and names the routes that no session can reach.

  --config FILE   the configuration
  --prove         proves that no session token reaches a forbidden template,
                  or prints a request that gets through. Default: what no
                  policy may grant. METHOD may be "*", or "write"; a segment
                  {name}, or "*"; "**" at the end stands for any more
  --forbid FILE   forbidden templates: YAML, "forbid:" and a list
  --use-case NAME only sessions with the grant of that use case are meant
  --json          {"fine":true|false,"problems":[{"path","message",…}]}

Exit code 0 when it is fine, 78 when it is not; 1 when --prove finds a way in.

Example:
  forage-gateway check --config gateway.yaml --prove write '/api/orders/**'
`

const options = {
  config: { type: 'string' },
  prove: { type: 'boolean' },
  forbid: { type: 'string' },
  'use-case': { type: 'string' },
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
    if (!asksForProof && given.text('use-case') !== undefined) throw new UsageError('--use-case is for --prove')
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
  const named = { useCase: given.text('use-case'), file: given.text('forbid') }
  const forbidden = readForbidden(given.positionals, named.file, named.useCase)
  const config = loadConfig(file, io.env)
  checkUseCases(named, [...new Set([...config.policy.useCases.keys(), ...(config.issuing?.useCases ?? [])])])
  return prove({ file, config, forbidden, isJson: given.has('json') }, io)
}

function showFine(file: string, config: Config, isJson: boolean, { stdout }: Io): ExitCode {
  const { environment, upstream, policy, issuing, state } = config
  const attention = attentionOf(config)
  if (isJson) {
    const { verify } = config.session
    const { routes, scopes } = policy
    const used = { issuedUseCases: issuing?.useCases ?? [], sharesState: state.redis !== null }
    const summary = { environment, upstream: upstream.api, verify, routes: routes.length, scopes, ...used }
    stdout.write(`${JSON.stringify({ fine: true, problems: [], ...summary, ...attention })}\n`)
    return exitCodes.fine
  }
  stdout.write(`${file}: fine
  environment  ${environment}
  upstream     ${upstream.api}
  sessions     ${describeVerification(config)}
  policy       ${policy.routes.length} routes, scopes ${policy.scopes.join(', ')}
  issuing      ${issuing === null ? 'none: session tokens come from elsewhere' : describeIssuing(issuing)}
  state        ${state.redis === null ? 'in this process alone' : `shared in Redis, namespace ${state.namespace}`}
${describeAttention(attention)}`)
  return exitCodes.fine
}

/** Whom session tokens are issued to, and for what. */
function describeIssuing({ signIn, secrets, useCases }: IssuingConfig): string {
  const callers = [signIn && 'customers who signed in', secrets.backendKeys.length > 0 && "the merchant's server"]
  const named = useCases.length === 1 ? 'use case' : 'use cases'
  return `for ${callers.filter(caller => caller).join(' and ')}; ${named} ${useCases.join(', ')}`
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
