import { loadConfig } from '../config/load-config.ts'
import { type Command, type ExitCode, exitCodes, type Io } from './command.ts'
import { type Arguments, configFile, readArguments } from './read-arguments.ts'
import { readPolicyFile } from './routes-policy-file.ts'
import { loadCases } from './test-policy-cases.ts'
import { coverageOf } from './test-policy-coverage.ts'
import { describeResults, resultsJson } from './test-policy-report.ts'
import { createTrial } from './test-policy-trial.ts'

const help = `Usage: forage-gateway test-policy --config FILE [--policy FILE]
         [--coverage] [--json] CASES.yaml

Runs test cases of a policy: requests, and what is to become of them. Each is
put to the gateway's own decision, with session tokens that are made, signed
and read here; nothing is sent to Forage. Report mode is left aside.

  --config FILE   the configuration
  --policy FILE   another policy than the configuration's: the next one
  --coverage      names the routes that no case lets through, or that no case
                  refuses for lack of scope; then exit code 1. Routes whose
                  scope no grant names are "never granted", and do not count
  --json          {"fine":true|false,"cases","failures":[…],"coverage"}

A case is "request: GET /api/orders/abc/" (or a list), "expect: allow" (or a
reason), and as needed name, scope, route, fields, merchantAccount, session:
none, expired, revoked … or { scopes: [orders], useCase: balance }.
Exit code 0 when all is as expected, 1 when not, 78 for a malformed file.

Example:
  forage-gateway test-policy --config gateway.yaml policy.cases.yaml
`

const options = {
  config: { type: 'string' },
  policy: { type: 'string' },
  coverage: { type: 'boolean' },
  json: { type: 'boolean' },
} as const

export const command: Command = {
  help,
  run(args, io) {
    const given = readArguments(args, { options, positionals: ['CASES.yaml'] })
    return testPolicy(given, io)
  },
}

async function testPolicy(given: Arguments, { stdout, env }: Io): Promise<ExitCode> {
  const config = loadConfig(configFile(given), env)
  const file = given.text('policy')
  const issued = config.issuing?.useCases ?? []
  const policy = file === undefined ? config.policy : readPolicyFile(file, issued)
  const cases = loadCases(given.positionals[0] ?? '', policy, issued)
  const trial = await createTrial({ ...config, policy }, Date.now() / 1000)
  const results = []
  for (const each of cases) results.push(...(await trial.run(each)))
  const coverage = given.has('coverage') ? coverageOf(policy, results) : null
  stdout.write(given.has('json') ? `${resultsJson(results, coverage)}\n` : describeResults(results, coverage))
  const isFine = results.every(result => result.isAsExpected) && (coverage?.isWhole ?? true)
  return isFine ? exitCodes.fine : exitCodes.no
}
