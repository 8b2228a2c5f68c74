import { parseArgs } from 'node:util'
import { fileFault } from '../config/file-fault.ts'
import { findingJson, formatFinding } from '../scan/format-finding.ts'
import { toGitleaksConfig } from '../scan/gitleaks-rules.ts'
import type { FileScan } from '../scan/scan-file.ts'
import { type FileFinding, type PathScanOptions, scanPaths } from '../scan/scan-paths.ts'
import { scanStream } from '../scan/scan-stream.ts'
import { showPath } from '../scan/show-path.ts'
import { type Command, type ExitCode, exitCodes, type Io, type Output } from './command.ts'
import { type Arguments, readArguments } from './read-arguments.ts'
import { UsageError } from './usage-error.ts'

const help = `Usage: forage-gateway scan [--json] [--all] [--exclude PATTERN]… PATH…
       forage-gateway scan < FILE
       forage-gateway scan --gitleaks > forage.toml

Finds leaked Forage credentials: authentication tokens, session tokens (also
expired ones), client ids and secrets. It prints file:line:column, kind,
environment, and the beginning of the credential. "-" is standard input.

Text in UTF-8 or UTF-16 is searched; binary files, archives and symbolic links
are not, nor are .git and node_modules. Where a line says forage-scan:ignore,
what is found in it is not reported.

  --json             [{"file","line","column","kind","environment",…},…]
  --exclude PATTERN  leaves out files and folders: '*.map', 'test/fixtures'
  --all              .git and node_modules as well
  --gitleaks         prints rules for gitleaks instead

Exit code 0 when nothing was found, 1 when something was; 2 when nothing was
found but a file could not be read.

Example:
  forage-gateway scan --exclude test/fixtures .
`

const options = {
  json: { type: 'boolean' },
  all: { type: 'boolean' },
  exclude: { type: 'string', multiple: true },
  gitleaks: { type: 'boolean' },
} as const

export const command: Command = {
  help,
  run(args, io) {
    // Any number of paths: they are counted first, since the reader of arguments takes a fixed number.
    const { positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: false })
    const given = readArguments(args, { options, positionals: positionals.map(() => 'PATH') })
    if (!given.has('gitleaks')) return scan(given, io)
    if (positionals.length > 0) throw new UsageError('--gitleaks prints rules and searches nothing; leave out PATH')
    io.stdout.write(toGitleaksConfig())
    return exitCodes.fine
  },
}

async function scan(given: Arguments, io: Io): Promise<ExitCode> {
  const paths = given.positionals
  if (paths.length === 0 && isTerminal(io.stdin)) throw new UsageError('PATH is missing')
  const now = Date.now() / 1000
  const report = createReport(io, given.has('json'))
  if (paths.length === 0 || paths.includes('-')) {
    const scanned = await scanStream(io.stdin, now)
    // An empty pipe where somebody forgot PATH must not pass for a clean tree.
    if (paths.length === 0 && isEmpty(scanned)) throw new UsageError('standard input is empty, and PATH is missing')
    for (const finding of scanned.findings) report.onFinding({ file: '-', ...finding })
    report.onFile(scanned)
  }
  const searched = { exclude: given.texts('exclude'), includesAll: given.has('all'), now }
  const files = paths.filter(path => path !== '-')
  for await (const finding of scanPaths(files, { ...searched, ...report })) report.onFinding(finding)
  return report.end()
}

function isEmpty({ octets, isBinary }: FileScan): boolean {
  return octets === 0 && !isBinary
}

/** Whether a stream is a terminal, as those of the process may be. */
function isTerminal(stream: object): boolean {
  return (stream as { readonly isTTY?: boolean }).isTTY === true
}

/** Says what is found, and in the end what was searched. */
interface Report extends Pick<PathScanOptions, 'onFile' | 'onUnreadable'> {
  onFinding(finding: FileFinding): void
  end(): ExitCode
}

/** Files after which a terminal is told how many there were. */
const filesPerProgress = 256

function createReport({ stdout, stderr }: Io, isJson: boolean): Report {
  const tally = { credentials: 0, files: 0, binary: 0, unreadable: 0 }
  const progress = isTerminal(stderr) ? (text: string) => stderr.write(`\r${text}\x1b[K`) : () => {}
  return {
    onFinding(finding) {
      progress('')
      const separator = tally.credentials++ === 0 ? '[\n' : ',\n'
      stdout.write(isJson ? `${separator}  ${findingJson(finding)}` : `${formatFinding(finding)}\n`)
    },
    onFile({ isBinary }) {
      if (isBinary) tally.binary++
      else if (++tally.files % filesPerProgress === 0) progress(`${tally.files} files…`)
    },
    onUnreadable(path, fault) {
      progress('')
      tally.unreadable++
      stderr.write(`${showPath(path)}: ${fileFault(fault)}\n`)
    },
    end() {
      progress('')
      if (isJson) stdout.write(tally.credentials === 0 ? '[]\n' : '\n]\n')
      return conclude(tally, stderr)
    },
  }
}

interface Tally {
  readonly credentials: number
  readonly files: number
  readonly binary: number
  readonly unreadable: number
}

/** A scan that could not look everywhere does not say that nothing is there. */
function conclude(tally: Tally, stderr: Output): ExitCode {
  stderr.write(summaryOf(tally))
  if (tally.credentials > 0) return exitCodes.no
  return tally.unreadable > 0 ? exitCodes.wrongUsage : exitCodes.fine
}

function summaryOf({ credentials, files, binary, unreadable }: Tally): string {
  const found = credentials === 0 ? 'Nothing' : counted(credentials, 'credential')
  const binaries = binary === 0 ? '' : `; ${counted(binary, 'binary file')} left out`
  const unread = unreadable === 0 ? '' : `; ${unreadable} could not be read`
  return `${found} found in ${counted(files, 'file')}${binaries}${unread}.\n`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
