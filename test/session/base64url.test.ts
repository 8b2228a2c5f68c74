import t from 'tap'
import { decodeBase64url, decodePaddedBase64url, explainRefusal } from '../../src/session/base64url.ts'

const plain: readonly (readonly [text: string, octets: readonly number[] | undefined])[] = [
  ['', []],
  ['AA', [0]],
  ['AAA', [0, 0]],
  ['AAAA', [0, 0, 0]],
  ['_-8', [255, 239]],
  ['SGVsbG8', [72, 101, 108, 108, 111]],
  ['A', undefined],
  ['AAAAA', undefined],
  ['AB', undefined],
  ['AP', undefined],
  ['AAB', undefined],
  ['AAD', undefined],
  ['AA==', undefined],
  ['AA=', undefined],
  ['AAA=', undefined],
  ['/+8', undefined],
  [' AAAA', undefined],
  ['AAAA\n', undefined],
  ['AA AA', undefined],
  ['AA.AA', undefined],
  ['AAA\u0141', undefined],
]
for (const [text, octets] of plain) {
  t.test(`without padding, ${JSON.stringify(text)} is ${octets ? `${octets.length} octets` : 'refused'}`, async t => {
    t.same(decodeBase64url(text), octets && Buffer.from(octets))
  })
}

const padded: readonly (readonly [text: string, octets: readonly number[] | undefined])[] = [
  ['', []],
  ['AA==', [0]],
  ['AAA=', [0, 0]],
  ['AAAA', [0, 0, 0]],
  ['AA', undefined],
  ['AAA', undefined],
  ['AA=', undefined],
  ['AAAA====', undefined],
  ['AAAA=', undefined],
  ['A===', undefined],
  ['====', undefined],
  ['==', undefined],
  ['=AAA', undefined],
  ['AA=A', undefined],
  ['AB==', undefined],
  ['AAB=', undefined],
  ['AAA=AAA=', undefined],
  ['AA==\n', undefined],
  ['/+8=', undefined],
]
for (const [text, octets] of padded) {
  t.test(`with padding, ${JSON.stringify(text)} is ${octets ? `${octets.length} octets` : 'refused'}`, async t => {
    t.same(decodePaddedBase64url(text), octets && Buffer.from(octets))
  })
}

t.test('of all spellings of one octet by two characters exactly one is decoded', async t => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const decoded = [...alphabet].filter(last => decodeBase64url(`A${last}`) !== undefined)
  t.same(decoded, ['A', 'Q', 'g', 'w'])
})

for (const [text, reason] of [
  ['AB', 'token_not_canonical'],
  ['AA==', 'token_not_canonical'],
  ['+/', 'token_not_canonical'],
  ['AA AA', 'token_not_canonical'],
  ['AA~', 'token_malformed'],
  ['{"a":1}', 'token_malformed'],
  ['é', 'token_malformed'],
] as const) {
  t.test(`${JSON.stringify(text)} is refused as ${reason}`, async t => t.equal(explainRefusal(text), reason))
}
