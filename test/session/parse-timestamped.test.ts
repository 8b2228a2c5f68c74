import t from 'tap'
import { parseTimestamped } from '../../src/session/parse-timestamped.ts'
import { paddedBase64url as padded } from '../fixtures/timestamped-token.ts'

const signature = Buffer.alloc(32, 1)
const payload = 'eyJhIjogMTAwMSwgInNrIjogIkFBRUNBd1FGQmdjSUNRb0xEQTBPRHc9PSIsICJ0IjogN30='

t.test('a timestamped token is its claims, its issue time, and the text that is signed', async t => {
  t.same(parseTimestamped(payload, 'aHe7Tw', signature), {
    format: 'timestamped',
    signedText: `${payload}.aHe7Tw`,
    signature,
    header: {},
    claims: { a: 1001, sk: 'AAECAwQFBgcICQoLDA0ODw==', t: 7 },
    issuedAt: 1_752_677_199,
  })
})

const times: readonly (readonly [time: string, outcome: number | string])[] = [
  ['AQ', 1],
  ['_w', 255],
  ['AQA', 256],
  ['_____w', 4_294_967_295],
  ['AQAAAAA', 4_294_967_296],
  ['________', 281_474_976_710_655],
  ['AQAAAAAAAA', 'token_malformed'],
  ['AA', 'token_not_canonical'],
  ['AGh3u08', 'token_not_canonical'],
  ['aHe7Tw==', 'token_not_canonical'],
  ['aHe7Tx', 'token_not_canonical'],
  ['aHe7T', 'token_not_canonical'],
  ['aHe7 Tw', 'token_not_canonical'],
  ['1752677199!', 'token_malformed'],
]
for (const [time, outcome] of times) {
  t.test(`the issue time "${time}" is ${typeof outcome === 'number' ? outcome : `refused as ${outcome}`}`, async t => {
    const expected = typeof outcome === 'number' ? { issuedAt: outcome } : { reason: outcome }
    t.match(parseTimestamped(payload, time, signature), expected)
  })
}

for (const length of [20, 32, 64]) {
  t.test(`a signature of ${length} octets is read`, async t => {
    t.match(parseTimestamped(payload, 'aHe7Tw', Buffer.alloc(length)), { format: 'timestamped' })
  })
}
for (const length of [0, 19, 21, 31, 33, 48, 63, 65]) {
  t.test(`a signature of ${length} octets is of no digest`, async t => {
    t.same(parseTimestamped(payload, 'aHe7Tw', Buffer.alloc(length)), { reason: 'token_malformed' })
  })
}

const payloads: readonly (readonly [what: string, payload: string, reason: string])[] = [
  ['without its padding', payload.slice(0, -1), 'token_not_canonical'],
  ['with too much padding', `${payload}===`, 'token_not_canonical'],
  ['with spare bits', `${padded('{"a": 1}').slice(0, -2)}1=`, 'token_not_canonical'],
  [
    'in the standard alphabet',
    padded('{"a": "~~~???"}').replaceAll('-', '+').replaceAll('_', '/'),
    'token_not_canonical',
  ],
  ['with a line end', `${payload.slice(0, -4)}\n${payload.slice(-4)}`, 'token_not_canonical'],
  ['with a foreign character', `!${payload.slice(1)}`, 'token_malformed'],
  ['with a doubled member', padded('{"a": 1, "a": 2}'), 'token_not_canonical'],
  ['with an algorithm', padded('{"alg": "HS256"}'), 'token_malformed'],
  ['with an escaped algorithm', padded('{"\\u0061lg": "none"}'), 'token_malformed'],
  ['that is a list', padded('[1, 2, 3]'), 'token_malformed'],
  ['that is compressed', '.eJxTSk', 'token_malformed'],
  ['that is no JSON', padded('abcdef'), 'token_malformed'],
]
for (const [what, text, reason] of payloads) {
  t.test(`a payload ${what} is refused as ${reason}`, async t => {
    t.same(parseTimestamped(text, 'aHe7Tw', signature), { reason })
  })
}
