import { createReadStream } from 'node:fs'
import { parseArgs } from 'node:util'
import { fileFault } from '../config/file-fault.ts'
import { showPath } from '../scan/show-path.ts'
import { createHashCheck, readAuditKeys } from './audit-keys.ts'
import { readLines } from './audit-read-lines.ts'
import { describeTrail, trailJson } from './audit-report.ts'
import { AuditVerification } from './audit-verification.ts'
import { type Command, type ExitCode, exitCodes, type Io } from './command.ts'
import { type Arguments, readArguments } from './read-arguments.ts'
import { UsageError } from './usage-error.ts'

const help = `Usage: forage-gateway audit verify [options] FILE…

Checks the chain of an audit trail: each line holds the hash of the one before.
Finds lines that were removed, changed, put in or moved, and says where. Give
rotated files in their order, the oldest first; "-" is standard input.

A trail may begin anywhere, and lines cut off at its end leave no trace in it:
compare the last hash with one that was kept elsewhere, or name that one.

  --key-file FILE      secret of a keyed trail; several where it was replaced
  --key-env NAME       the same from an environment variable
  --expect-last HASH   some line has to have this hash
  --restarts           each start may begin a new chain, as on standard output
  --json               {"fine":true|false,"lines","first","last","findings",…}

Exit code 0 when nothing is wrong, 1 when something is, 2 when a file could not
be read.

Example:
  forage-gateway audit verify audit.log.1 audit.log
`

const options = {
  'key-file': { type: 'string', multiple: true },
  'key-env': { type: 'string', multiple: true },
  'expect-last': { type: 'string' },
  restarts: { type: 'boolean' },
  json: { type: 'boolean' },
} as const

export const command: Command = {
  help,
  async run([subcommand, ...args], io) {
    if (subcommand !== 'verify') throw new UsageError('write "audit verify FILE"')
    // Any number of files: they are counted first, since the reader of arguments takes a fixed number.
    const { positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: false })
    const given = readArguments(args, { options, positionals: positionals.map(() => 'FILE') })
    if (positionals.length === 0) throw new UsageError('FILE is missing')
    return verify(given, io)
  },
}

async function verify(given: Arguments, io: Io): Promise<ExitCode> {
  const expectedLast = given.text('expect-last')
  if (expectedLast !== undefined && !/^[0-9a-f]{64}$/.test(expectedLast))
    throw new UsageError('--expect-last needs a hash: 64 digits of lower-case hexadecimal')
  const sources = [...given.texts('key-file').map(file => ({ file })), ...given.texts('key-env').map(env => ({ env }))]
  const checkHash = createHashCheck(readAuditKeys(sources, io.env))
  const verification = new AuditVerification({ checkHash, acceptsRestarts: given.has('restarts'), expectedLast })
  if (!(await readFiles(given.positionals, verification, io))) return exitCodes.wrongUsage
  verification.end()
  io.stdout.write(given.has('json') ? `${trailJson(verification)}\n` : describeTrail(verification))
  return verification.findings.count === 0 ? exitCodes.fine : exitCodes.no
}

/** Reads the files one after the other. Where one cannot be read, nothing is said of the others: they are one trail. */
async function readFiles(files: readonly string[], verification: AuditVerification, io: Io): Promise<boolean> {
  for (const file of files) {
    try {
      const stream = file === '-' ? io.stdin : createReadStream(file)
      let line = 0
      for await (const text of readLines(stream)) verification.add(text, { file, line: ++line })
    } catch (error) {
      io.stderr.write(`${showPath(file)}: ${fileFault(error)}\n`)
      return false
    }
  }
  return true
}
