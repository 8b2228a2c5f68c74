import t from 'tap'
import { createOctetScan } from '../../src/scan/scan-octets.ts'
import { recogniseEncoding } from '../../src/scan/text-encoding.ts'
import { now, plantedTokens } from './planted.ts'

const { authentication } = plantedTokens()
const text = `first line\r\n"é€😀": "${authentication}"\r\n`

const encodings: readonly (readonly [what: string, octets: Buffer])[] = [
  ['UTF-8', Buffer.from(text)],
  ['UTF-8 with its mark', Buffer.from(`\ufeff${text}`)],
  ['UTF-16, low octet first', Buffer.from(`\ufeff${text}`, 'utf16le')],
  ['UTF-16, high octet first', Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
]
for (const [what, octets] of encodings) {
  t.test(`in ${what} a token is found at its line and column, in characters`, async t => {
    const column = 9
    t.match(createOctetScan(now).add(octets, true), [{ kind: 'authentication_token', line: 2, column }])
    const scan = createOctetScan(now)
    const parts = [scan.add(octets.subarray(0, 60), false), scan.add(octets.subarray(60), true)]
    t.match(parts.flat(), [{ kind: 'authentication_token', line: 2, column }])
  })
}

t.test('a mark belongs to no column', async t => {
  for (const encoding of ['utf8', 'utf16le'] as const) {
    const octets = Buffer.from(`\ufeff${authentication}`, encoding)
    t.match(createOctetScan(now).add(octets, true), [{ line: 1, column: 1 }])
  }
})

t.test('UTF-16 that breaks off within a character is searched up to there', async t => {
  const octets = Buffer.from(`\ufeff${authentication} x`, 'utf16le')
  t.equal(createOctetScan(now).add(octets.subarray(0, -1), true)?.length, 1)
  t.equal(createOctetScan(now).add(Buffer.from(octets).swap16().subarray(0, -1), true)?.length, 1)
})

t.test('a zero in the first 8192 octets makes a file binary, a later one does not', async t => {
  const octets = Buffer.alloc(9000, 'x')
  t.ok(recogniseEncoding(octets))
  octets[8192] = 0
  t.ok(recogniseEncoding(octets))
  octets[8191] = 0
  t.equal(recogniseEncoding(octets), undefined)
  t.equal(createOctetScan(now).add(octets, true), undefined)
})

t.test('an empty file, and a file of one octet, are text', async t => {
  t.ok(recogniseEncoding(Buffer.alloc(0)))
  t.ok(recogniseEncoding(Buffer.from([0xff])))
})
