import t from 'tap'
import { createTextScan, type Finding } from '../../src/scan/scan-text.ts'
import { recogniseEncoding, type TextEncoding } from '../../src/scan/text-encoding.ts'
import { basic, drawn, now, plantedTokens } from './planted.ts'

const octetByOctet = recogniseEncoding(Buffer.from('x')) as TextEncoding

function scanParts(parts: readonly string[]): Finding[] {
  const scan = createTextScan(octetByOctet, now)
  return parts.flatMap((part, index) => scan.add(part, index === parts.length - 1))
}

const octets = (text: string): string => Buffer.from(text).toString('latin1')
const { authentication, jwt, timestamped } = plantedTokens()

t.test('lines and columns count from 1, whatever ends a line', async t => {
  for (const [before, line, column] of [
    ['', 1, 1],
    [' ', 1, 2],
    ['\n', 2, 1],
    ['a\nb\n  ', 3, 3],
    ['a\r\nb\r\n', 3, 1],
    ['\n\n\n', 4, 1],
    ['é€😀 ', 1, 5],
    ['é\né ', 2, 3],
  ] as const)
    t.match(scanParts([octets(before) + authentication]), [{ line, column }], JSON.stringify(before))
})

t.test('several findings of one line each have their column', async t => {
  t.match(scanParts([`${authentication} ${authentication}\n${authentication}`]), [
    { line: 1, column: 1 },
    { line: 1, column: 40 },
    { line: 2, column: 1 },
  ])
})

t.test('a finding holds nothing that can be used', async t => {
  t.same(scanParts([authentication]), [
    {
      kind: 'authentication_token',
      environment: 'sandbox',
      isExpired: false,
      masked: `${authentication.slice(0, 12)}…`,
      line: 1,
      column: 1,
    },
  ])
})

/** Long enough for a text to be searched in more than one part: 16 KiB of each part are searched with the next. */
const filler = 'the quick brown fox jumps over the lazy dog, line after line, and back again\n'.repeat(500)

const credentials: readonly (readonly [what: string, text: string, kinds: readonly string[]])[] = [
  ['an authentication token', authentication, ['authentication_token']],
  ['a JWT', jwt, ['session_token_jwt']],
  ['a timestamped token', timestamped, ['session_token_timestamped']],
  ['a pair', `client_id=${drawn(40)}&client_secret=${drawn(40)}`, ['client_id', 'client_secret']],
  ['Basic credentials', `/o/token/ Basic ${basic(drawn(40), drawn(40))}`, ['client_credentials']],
]
for (const [what, credential, kinds] of credentials) {
  t.test(`${what} is found once, wherever the text is divided`, async t => {
    const text = `${filler}  ${credential}\n${filler}`
    const whole = scanParts([text])
    t.same(
      whole.map(({ kind, line }) => [kind, line]),
      kinds.map(kind => [kind, 501]),
    )
    for (let at = filler.length - 2; at < filler.length + credential.length + 4; at++)
      t.strictSame(scanParts([text.slice(0, at), text.slice(at)]), whole)
  })

  t.test(`${what} is found once at each place around the end of what is searched`, async t => {
    // The first part is searched up to 16384 characters before its end.
    const first = 30_000
    for (let shift = -3; shift <= credential.length + 3; shift++) {
      const text = `${' '.repeat(first - 16_384 - shift)}${credential}${' '.repeat(40_000)}`
      const found = scanParts([text.slice(0, first), text.slice(first)])
      t.same(
        found.map(({ kind }) => kind),
        kinds,
        `shifted by ${shift}`,
      )
      t.same(found, scanParts([text]))
    }
  })
}

t.test('an empty text, and empty parts, hold nothing', async t => {
  t.same(scanParts(['']), [])
  t.match(scanParts(['', authentication, '', '']), [{ line: 1, column: 1 }])
})

t.test('a text in parts of one character is searched like the whole', async t => {
  const text = `a\n${jwt}\nclient_secret=${drawn(40)}`
  t.same(scanParts([...text]), scanParts([text]))
  t.equal(scanParts([text]).length, 2)
})

t.test('a line with the mark is not reported, the lines around it are', async t => {
  const found = scanParts([
    `${authentication}\n"${authentication}" # forage-scan:ignore\n/* forage-scan:ignore */ ${jwt}\r\n${timestamped}`,
  ])
  t.same(
    found.map(({ line }) => line),
    [1, 4],
  )
})

t.test('on a long line the mark counts within 4096 characters', async t => {
  const away = (distance: number) =>
    `${authentication}${' '.repeat(distance - 'forage-scan:ignore'.length)}forage-scan:ignore`
  t.equal(scanParts([away(4096)]).length, 0)
  t.equal(scanParts([away(4097)]).length, 1)
})

t.test('the mark counts before a credential too, where the text is divided between them', async t => {
  const first = 30_000
  const mark = 'forage-scan:ignore'.padEnd(4096)
  for (const shift of [-1, 0, 1]) {
    const text = mark.padStart(first - 16_384 + shift) + authentication + ' '.repeat(40_000)
    t.same(scanParts([text.slice(0, first), text.slice(first)]), [])
  }
})

t.test('of two credentials that overlap the first is reported', async t => {
  t.match(scanParts([`client_secret=${authentication}`]), [{ kind: 'authentication_token', column: 15 }])
  t.match(scanParts([`client_secret=x-${authentication}`]), [{ kind: 'client_secret', column: 15 }])
})
