import { reasonWords } from '../explaining/reason-words.ts'
import { describeTime, timestamp } from '../explaining/times.ts'
import { readTokenFacts, type TokenFacts } from '../explaining/token-facts.ts'
import { type Command, exitCodes, type Io } from './command.ts'
import { readArguments } from './read-arguments.ts'
import { alignColumns } from './table.ts'
import { UsageError } from './usage-error.ts'

const help = `Usage: forage-gateway token inspect [--json] < FILE

Reads one token from standard input and shows what it says: kind, environment,
format, header, claims and times. Nothing of it is verified. The signature is
never shown, nor is an authentication token.

A token as an argument is refused: arguments can be seen by every user of the
machine and stay in the history of the shell.

  --json   the same as JSON; times are RFC 3339

Exit code 0 when the text is spelled as the gateway accepts it, 1 when not.

Example:
  forage-gateway token inspect < token.txt
`

/** More than any token that is looked at. */
const maxInputOctets = 65_536

export const command: Command = {
  help,
  async run([subcommand, ...args], io) {
    if (subcommand !== 'inspect') throw new UsageError('write "token inspect"; the token comes on standard input')
    if (args.some(argument => !argument.startsWith('-')))
      throw new UsageError('a token is read from standard input only: arguments leak into process lists and histories')
    const given = readArguments(args, { options: { json: { type: 'boolean' } } })
    const text = await readInput(io.stdin)
    if (text === '') throw new UsageError('there is no token on standard input')
    const facts = readTokenFacts(text)
    io.stdout.write(given.has('json') ? `${printable(JSON.stringify(withDates(facts)))}\n` : describe(facts))
    return facts.canonical && facts.kind !== 'unknown' ? exitCodes.fine : exitCodes.no
  },
}

async function readInput(stdin: Io['stdin']): Promise<string> {
  const chunks: Buffer[] = []
  let octets = 0
  for await (const chunk of stdin) {
    const buffer = Buffer.from(chunk)
    chunks.push(buffer)
    octets += buffer.length
    if (octets > maxInputOctets) throw new UsageError('standard input holds more than one token')
  }
  // The line end belongs to the file, not to the token.
  return Buffer.concat(chunks)
    .toString()
    .replace(/\r?\n$/, '')
}

function withDates(facts: TokenFacts): Record<string, unknown> {
  const { issuedAt, expiresAt } = facts
  const date = (time: number | null): string | null => (time === null ? null : (timestamp(time) ?? null))
  return { ...facts, issuedAt: date(issuedAt), expiresAt: date(expiresAt) }
}

function describe(facts: TokenFacts): string {
  const now = Date.now() / 1000
  const time = (value: number | null): string => (value === null ? 'not said' : describeTime(value, now))
  const rows = [
    ['kind', kinds[facts.kind]],
    ['environment', facts.environment ?? 'none that Forage has'],
  ]
  if (facts.kind !== 'authentication') rows.push(['canonical', describeSpelling(facts)])
  if (facts.format) rows.push(['format', facts.format])
  if (facts.header) rows.push(['header', printable(JSON.stringify(facts.header))])
  if (facts.claims) {
    rows.push(['claims', printable(JSON.stringify(facts.claims))])
    rows.push(['issued', time(facts.issuedAt)], ['expires', time(facts.expiresAt)])
    rows.push(['signature', 'not verified, not shown'])
  }
  return alignColumns(rows)
}

const kinds: Readonly<Record<TokenFacts['kind'], string>> = {
  session: 'session token',
  authentication: 'authentication token: long-lived, for the merchant server only, never for an app',
  unknown: 'unknown: no token of Forage',
}

function describeSpelling({ canonical, reason }: TokenFacts): string {
  return canonical || reason === null ? 'yes' : `no, ${reason}: ${reasonWords[reason]}`
}

/** What a token says is foreign text: characters that move a terminal's cursor or turn its text around are escaped. */
function printable(json: string): string {
  return json.replace(/[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, unit => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
