import { parseArgs } from 'node:util'
import { loadConfig } from '../config/load-config.ts'
import { type Command, type ExitCode, exitCodes, type Io } from './command.ts'
import { type Arguments, configFile, readArguments } from './read-arguments.ts'
import { showDifference } from './routes-diff.ts'
import { readPolicyFile } from './routes-policy-file.ts'
import { alignColumns } from './table.ts'

const help = `Usage: forage-gateway routes --config FILE [--json]
       forage-gateway routes --diff OLD NEW [--json]

Shows the policy: every route that a session token may use, its scope, and
whether a session has that scope by default, or by the grant of which use
cases. What is not listed is refused.

With --diff, shows what a change of policy opens and closes: for sessions with
the default grant, of each use case, and narrowed to each scope. Order and the
names of parameters count for nothing.

  --config FILE   the configuration
  --diff          compares two policy files (not configurations)
  --json          [{"scope","method","template","grantedByDefault","useCases"}
                  ,…], or {"same":true|false,"changes":[…],"claim":null|
                  {"from","to","opens","closes"}}

Exit code 0; with --diff 1 when the policies differ.

Example:
  forage-gateway routes --diff policy.strict.yaml policy.yaml
`

const options = { config: { type: 'string' }, diff: { type: 'boolean' }, json: { type: 'boolean' } } as const

export const command: Command = {
  help,
  run(args, io) {
    const { values } = parseArgs({ args: [...args], options, allowPositionals: true, strict: false })
    const given = readArguments(args, { options, positionals: values.diff === true ? ['OLD', 'NEW'] : [] })
    return given.has('diff') ? compare(given, io) : show(given, io)
  },
}

function compare(given: Arguments, { stdout }: Io): ExitCode {
  const [from = '', to = ''] = given.positionals
  return showDifference(readPolicyFile(from), readPolicyFile(to), given.has('json'), stdout)
}

function show(given: Arguments, { stdout, env }: Io): ExitCode {
  const { policy } = loadConfig(configFile(given), env)
  const rows = policy.routes.map(({ scope, method, template }) => {
    const useCases = [...policy.useCases].filter(([, granted]) => granted.has(scope)).map(([name]) => name)
    return { scope, method, template, grantedByDefault: policy.defaultScopes.has(scope), useCases }
  })
  if (given.has('json')) stdout.write(`${JSON.stringify(rows, null, 2)}\n`)
  else {
    const hasUseCases = policy.useCases.size > 0
    const headings = ['SCOPE', 'METHOD', 'TEMPLATE', 'BY DEFAULT', ...(hasUseCases ? ['USE CASES'] : [])]
    const cells = rows.map(({ scope, method, template, grantedByDefault, useCases }) => {
      const named = hasUseCases ? [useCases.join(', ') || '-'] : []
      return [scope, method, template, grantedByDefault ? 'yes' : 'no', ...named]
    })
    stdout.write(alignColumns([headings, ...cells]))
  }
  return exitCodes.fine
}
