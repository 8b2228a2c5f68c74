import type { Config } from '../config/config.ts'
import { ConfigError, describeProblem } from '../config/config-error.ts'
import { loadConfig } from '../config/load-config.ts'
import { type Command, type ExitCode, exitCodes, type Io } from './command.ts'
import { configFile, readArguments } from './read-arguments.ts'
import { describeVerification } from './verification.ts'

const help = `Usage: forage-gateway check --config FILE [--json]

Validates a configuration, the policy and the secrets that it names, and shows
every problem at once: file, line, key, and what to write instead. Nothing is
started, and no secret is ever printed.

  --config FILE   the configuration
  --json          {"fine":true|false,"problems":[{"path","message",…}]}

Exit code 0 when it is fine, 78 when it is not.

Example:
  forage-gateway check --config gateway.yaml
`

export const command: Command = {
  help,
  run(args, io) {
    const given = readArguments(args, { options: { config: { type: 'string' }, json: { type: 'boolean' } } })
    const file = configFile(given)
    try {
      return showFine(file, loadConfig(file, io.env), given.has('json'), io)
    } catch (error) {
      if (error instanceof ConfigError) return showProblems(file, error, given.has('json'), io)
      throw error
    }
  },
}

function showFine(file: string, config: Config, isJson: boolean, { stdout }: Io): ExitCode {
  const { environment, upstream, policy } = config
  if (isJson) {
    const { verify } = config.session
    const { routes, scopes } = policy
    const summary = { environment, upstream: upstream.api, verify, routes: routes.length, scopes }
    stdout.write(`${JSON.stringify({ fine: true, problems: [], ...summary })}\n`)
    return exitCodes.fine
  }
  stdout.write(`${file}: fine
  environment  ${environment}
  upstream     ${upstream.api}
  sessions     ${describeVerification(config)}
  policy       ${policy.routes.length} routes, scopes ${policy.scopes.join(', ')}
`)
  return exitCodes.fine
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
