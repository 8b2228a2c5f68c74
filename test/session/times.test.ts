import t from 'tap'
import type { ParsedToken } from '../../src/session/parsed-token.ts'
import { isOver, judgeTimes, readTimes, type TokenTimes } from '../../src/session/times.ts'

const cap = { maxLifetimeSec: 900 }

const rules = { maxLifetimeSec: 900, clockToleranceSec: 5 }
const now = 1_800_000_000

function parsed(claims: object, issuedAt?: number): ParsedToken {
  const format = issuedAt === undefined ? 'jwt' : 'timestamped'
  const octets = Buffer.alloc(0)
  return { format, signedText: '', signature: octets, header: {}, claims: claims as ParsedToken['claims'], issuedAt }
}

const readable: readonly (readonly [claims: object, times: TokenTimes])[] = [
  [{ exp: 10 }, { issuedAt: undefined, notBefore: undefined, expiresAt: 10 }],
  [
    { exp: 10, iat: 5, nbf: 6 },
    { issuedAt: 5, notBefore: 6, expiresAt: 10 },
  ],
  [
    { exp: 10, iat: 9 },
    { issuedAt: 9, notBefore: undefined, expiresAt: 10 },
  ],
  [
    { exp: 0, iat: -1 },
    { issuedAt: -1, notBefore: undefined, expiresAt: 0 },
  ],
  [{ exp: 9_007_199_254_740_991 }, { issuedAt: undefined, notBefore: undefined, expiresAt: 9_007_199_254_740_991 }],
]
for (const [claims, times] of readable) {
  t.test(`the times of ${JSON.stringify(claims)} are read`, async t => t.same(readTimes(parsed(claims), cap), times))
}

const unreadable: readonly string[] = [
  '{}',
  '{"exp":null}',
  '{"exp":"1800000600"}',
  '{"exp":1e400}',
  '{"exp":-1e400}',
  '{"exp":1800000600.5}',
  '{"exp":9007199254740992}',
  '{"exp":true}',
  '{"exp":[1800000600]}',
  '{"exp":{}}',
  '{"exp":10,"iat":null}',
  '{"exp":10,"iat":"5"}',
  '{"exp":10,"iat":5.5}',
  '{"exp":10,"iat":10}',
  '{"exp":10,"iat":11}',
  '{"exp":10,"nbf":null}',
  '{"exp":10,"nbf":"5"}',
  '{"exp":10,"nbf":1e400}',
]
for (const claims of unreadable) {
  t.test(`the times of ${claims} are not valid`, async t => {
    t.same(readTimes(parsed(JSON.parse(claims)), cap), { reason: 'claims_invalid' })
  })
}

t.test('a timestamped token lives 900 s from its issue, whatever its claims say', async t => {
  t.same(readTimes(parsed({ exp: 5, iat: 'x' }, 1000), cap), { issuedAt: 1000, notBefore: undefined, expiresAt: 1900 })
})

t.test('a timestamped token without an issue time is not valid', async t => {
  t.same(readTimes({ ...parsed({}, 1), issuedAt: undefined }, cap), { reason: 'claims_invalid' })
})

const ends: readonly (readonly [offset: number, isAtEnd: boolean])[] = [
  [-1, false],
  [0, false],
  [4, false],
  [4.999, false],
  [5, true],
  [6, true],
]
for (const [offset, expected] of ends) {
  t.test(`${offset} s after its end, with 5 s of tolerance, a session is ${expected ? '' : 'not '}over`, async t => {
    t.equal(isOver(now, now + offset, rules), expected)
  })
}

t.test('without tolerance a session is over in the second that exp names', async t => {
  const strict = { ...rules, clockToleranceSec: 0 }
  t.equal(isOver(now, now - 1, strict), false)
  t.equal(isOver(now, now, strict), true)
})

const judged: readonly (readonly [what: string, times: Partial<TokenTimes>, reason: string | undefined])[] = [
  ['that ends in a second', { expiresAt: now + 1 }, undefined],
  ['that ended 4 s ago', { expiresAt: now - 4 }, undefined],
  ['that ended 5 s ago', { expiresAt: now - 5 }, 'token_expired'],
  ['with a negative end', { expiresAt: -1 }, 'token_expired'],
  ['with 905 s left', { expiresAt: now + 905 }, undefined],
  ['with 906 s left', { expiresAt: now + 906 }, 'lifetime_exceeded'],
  ['with a life of 900 s', { issuedAt: now, expiresAt: now + 900 }, undefined],
  ['with a life of 901 s', { issuedAt: now, expiresAt: now + 901 }, 'lifetime_exceeded'],
  ['with a life of 901 s, nearly over', { issuedAt: now - 900, expiresAt: now + 1 }, 'lifetime_exceeded'],
  ['issued in 5 s', { issuedAt: now + 5, expiresAt: now + 600 }, undefined],
  ['issued in 6 s', { issuedAt: now + 6, expiresAt: now + 600 }, 'token_not_yet_valid'],
  ['that begins in 5 s', { notBefore: now + 5, expiresAt: now + 600 }, undefined],
  ['that begins in 6 s', { notBefore: now + 6, expiresAt: now + 600 }, 'token_not_yet_valid'],
  ['that began long ago', { notBefore: 0, expiresAt: now + 600 }, undefined],
  ['issued in time but not begun', { issuedAt: now, notBefore: now + 6, expiresAt: now + 600 }, 'token_not_yet_valid'],
  ['issued before 1970', { issuedAt: -1, expiresAt: now + 600 }, 'lifetime_exceeded'],
]
for (const [what, times, reason] of judged) {
  t.test(`a token ${what} is ${reason ? `refused as ${reason}` : 'timely'}`, async t => {
    const whole = { issuedAt: undefined, notBefore: undefined, expiresAt: now, ...times }
    t.same(judgeTimes(whole, now, rules), reason && { reason })
  })
}

t.test('the tolerance is no part of the lifetime when the issue time is known', async t => {
  const times = { issuedAt: now, notBefore: undefined, expiresAt: now + 901 }
  t.same(judgeTimes(times, now, { maxLifetimeSec: 900, clockToleranceSec: 300 }), { reason: 'lifetime_exceeded' })
})

t.test('a timestamped token lives 900 seconds, or for the accepted lifetime where that is shorter', async t => {
  t.match(readTimes(parsed({}, 1000), { maxLifetimeSec: 901 }), { expiresAt: 1900 })
  t.match(readTimes(parsed({}, 1000), { maxLifetimeSec: 600 }), { expiresAt: 1600 })
})
