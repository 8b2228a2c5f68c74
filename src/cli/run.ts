import { nearestWord } from '../config/nearest-word.ts'
import { packageVersion } from '../config/package-files.ts'
import { printsStacks } from '../config/process-environment.ts'
import { GatewayError } from '../gateway-error.ts'
import { factsOfFault } from '../observability/fault-facts.ts'
import { type ExitCode, exitCodes, type Io } from './command.ts'
import { type CommandEntry, commands } from './commands.ts'
import { UsageError } from './usage-error.ts'

const program = 'forage-gateway'

/** Runs a command line. Whatever happens becomes an exit code and a sentence. */
export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const [name = '', ...rest] = args
  if (['', '--help', '-h', 'help'].includes(name)) return showHelp(name, rest, io)
  if (name === '--version' || name === '-v') return showVersion(io)
  const entry = findCommand(name)
  if (!entry) return refuseUnknown(name, io)
  // After "--" stand arguments that only look like options.
  const options = rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest
  if (options.includes('--version')) return showVersion(io)
  try {
    const { command } = await entry.load()
    if (!options.includes('--help') && !options.includes('-h')) return await command.run(rest, io)
    io.stdout.write(command.help)
    return exitCodes.fine
  } catch (error) {
    return reportFault(error, io, name)
  }
}

/**
 * Turns what was thrown into words on standard error.
 *
 * @param command the command that failed, whose help may be of use
 */
export function reportFault(error: unknown, { stderr, env }: Pick<Io, 'stderr' | 'env'>, command?: string): ExitCode {
  if (error instanceof UsageError) {
    stderr.write(`${program} ${command}: ${error.message}\nSee: ${program} ${command} --help\n`)
    return exitCodes.wrongUsage
  }
  if (error instanceof GatewayError) {
    stderr.write(`${error.message}\n`)
    return exitCodes.wrongConfiguration
  }
  if (isOutOfFiles(error)) {
    stderr.write(`${program}: this process may not open as many files as it needs; raise its limit: ulimit -n 65536\n`)
    return exitCodes.wrongConfiguration
  }
  const where = printsStacks(env) ? describeFault(error) : ''
  const hint = where === '' ? ' FORAGE_GATEWAY_DEBUG=1 shows where.' : ''
  stderr.write(`${program}: a fault of the gateway itself.${hint}\n${where}`)
  return exitCodes.internalFault
}

function isOutOfFiles(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EMFILE' || error.code === 'ENFILE')
}

/** Without its message, which may repeat what it stumbled over: a token, or a line of a file of secrets. */
function describeFault(error: unknown): string {
  const { name, frames } = factsOfFault(error)
  return [name, ...frames.map(frame => `    ${frame}`), ''].join('\n')
}

function showVersion({ stdout }: Io): ExitCode {
  stdout.write(`${packageVersion()}\n`)
  return exitCodes.fine
}

async function showHelp(name: string, [about]: readonly string[], io: Io): Promise<ExitCode> {
  if (about !== undefined && name === 'help') {
    const entry = findCommand(about)
    if (!entry) return refuseUnknown(about, io)
    io.stdout.write((await entry.load()).command.help)
    return exitCodes.fine
  }
  // Somebody who asked for help gets it on standard output; somebody who gave no command is told so.
  const output = name === '' ? io.stderr : io.stdout
  output.write(overview())
  return name === '' ? exitCodes.wrongUsage : exitCodes.fine
}

function overview(): string {
  const rows = commands.map(({ name, summary }) => `  ${name.padEnd(11)} ${summary}`)
  return `Usage: ${program} COMMAND [options]

The front door between client apps and the Forage Payments API. Commands:

${rows.join('\n')}

  --help, --version    of the program; --help also of each command

Example:
  ${program} check --config gateway.yaml

Exit codes: 0 fine, 1 the answer is no, 2 wrong usage, 78 wrong configuration,
70 internal fault.
`
}

function findCommand(name: string): CommandEntry | undefined {
  return commands.find(entry => entry.name === name)
}

function refuseUnknown(name: string, { stderr }: Io): ExitCode {
  const names = commands.map(entry => entry.name)
  const near = nearestWord(name, names)
  const advice = near === undefined ? `Commands: ${names.join(', ')}.` : `Did you mean "${near}"?`
  stderr.write(`${program}: no such command. ${advice}\nSee: ${program} --help\n`)
  return exitCodes.wrongUsage
}
