import { loadConfig } from '../config/load-config.ts'
import { type Command, exitCodes } from './command.ts'
import { configFile, readArguments } from './read-arguments.ts'
import { alignColumns } from './table.ts'

const help = `Usage: forage-gateway routes --config FILE [--json]

Shows the policy: every route that a session token may use, its scope, and
whether a session has that scope by default. What is not listed is refused.

  --config FILE   the configuration
  --json          [{"scope","method","template","grantedByDefault"},…]

Example:
  forage-gateway routes --config gateway.yaml
`

export const command: Command = {
  help,
  run(args, { stdout, env }) {
    const given = readArguments(args, { options: { config: { type: 'string' }, json: { type: 'boolean' } } })
    const { policy } = loadConfig(configFile(given), env)
    const rows = policy.routes.map(({ scope, method, template }) => {
      return { scope, method, template, grantedByDefault: policy.defaultScopes.has(scope) }
    })
    if (given.has('json')) stdout.write(`${JSON.stringify(rows, null, 2)}\n`)
    else {
      const headings = ['SCOPE', 'METHOD', 'TEMPLATE', 'BY DEFAULT']
      const cells = rows.map(row => [row.scope, row.method, row.template, row.grantedByDefault ? 'yes' : 'no'])
      stdout.write(alignColumns([headings, ...cells]))
    }
    return exitCodes.fine
  },
}
