import { createReadStream } from 'node:fs'
import { fileFault } from '../config/file-fault.ts'
import { policyDigest } from '../config/policy-digest.ts'
import { showPath } from '../scan/show-path.ts'
import { readLines } from './audit-read-lines.ts'
import { type Command, type ExitCode, exitCodes, type Io } from './command.ts'
import { type Arguments, readArguments } from './read-arguments.ts'
import { createLineReader } from './replay-line.ts'
import { describeReplay, replayJson } from './replay-report.ts'
import { ReplayTally } from './replay-tally.ts'
import { readPolicyFile } from './routes-policy-file.ts'
import { UsageError } from './usage-error.ts'

const help = `Usage: forage-gateway replay LOG --policy FILE [--json]

Shows what the requests of an access log would have met under another policy.
LOG is the gateway's own log in any of its formats; "-" is standard input. It
is read line by line, however long it is.

A log holds no paths and no tokens. What it cannot tell is counted, and said:
a request that had no route may have one now, and a session that the new grant
would let in may be narrowed by its own claim.

  --policy FILE   the policy (not a configuration)
  --json          {"same":true|false,"changes","groups","notJudged",…}

Exit code 0 when nothing would change for the requests that can be judged, 1
when some that were let in would, or might, be refused, or the other way round;
2 when the log could not be read or holds no requests.

Example:
  forage-gateway replay access.log --policy policy.strict.yaml
`

const options = { policy: { type: 'string' }, json: { type: 'boolean' } } as const

export const command: Command = {
  help,
  async run(args, io) {
    const given = readArguments(args, { options, positionals: ['LOG'] })
    const file = given.text('policy')
    if (!file) throw new UsageError('--policy FILE is missing')
    const policy = readPolicyFile(file)
    const tally = new ReplayTally(policy, policyDigest(policy))
    const [log = ''] = given.positionals
    return (await readLog(log, tally, io)) ? conclude(tally, given, io) : exitCodes.wrongUsage
  },
}

async function readLog(log: string, tally: ReplayTally, { stdin, stderr }: Io): Promise<boolean> {
  const read = createLineReader()
  try {
    const stream = log === '-' ? stdin : createReadStream(log, { highWaterMark: 1024 * 1024 })
    for await (const { octets, isOverlong } of readLines(stream)) tally.add(isOverlong ? 'overlong' : read(octets))
    return true
  } catch (error) {
    stderr.write(`${showPath(log)}: ${fileFault(error)}\n`)
    return false
  }
}

function conclude(tally: ReplayTally, given: Arguments, { stdout }: Io): ExitCode {
  // To say of a file without requests that nothing would change for them would be true, and mislead.
  if (tally.requests === 0) throw new UsageError('LOG holds no requests: it is no access log of the gateway')
  stdout.write(given.has('json') ? `${replayJson(tally)}\n` : describeReplay(tally))
  return tally.isSame ? exitCodes.fine : exitCodes.no
}
