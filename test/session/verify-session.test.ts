import t from 'tap'
import { isRefusal, type Session } from '../../src/session/session.ts'
import { createVerifiedSessions } from '../../src/session/verified-sessions.ts'
import { aTimestampedToken } from '../fixtures/timestamped-token.ts'
import { aToken } from '../fixtures/token.ts'
import { aHeldProof, aVerifier } from '../fixtures/verifier.ts'

const now = 1_800_000_000
const claims = { a: 42, exp: now + 600 }
const token = aToken({ claims })

t.test('a valid token is verified once, and found at once from then on', async t => {
  const verifier = await aVerifier()
  const first = verifier.verify(token, now)
  t.ok(first instanceof Promise)
  const session = (await first) as Session
  t.match(session, { format: 'jwt', environment: 'sandbox', expiresAt: now + 600 })
  const second = verifier.verify(token, now + 1)
  t.equal(second, session, 'no promise, and the same session')
})

t.test('a token that is refused for its form is refused at once', async t => {
  const verifier = await aVerifier()
  t.same(verifier.verify(`${token}=`, now), { reason: 'token_not_canonical' })
  t.same(verifier.verify(aTimestampedToken(), now), { reason: 'format_not_accepted' })
})

t.test('a session in the cache is still judged by the clock', async t => {
  const verifier = await aVerifier()
  await verifier.verify(token, now)
  t.notOk(isRefusal((await verifier.verify(token, now + 600 + 4)) as Session))
  t.same(await verifier.verify(token, now + 600 + 5), { reason: 'token_expired' })
  t.same(await verifier.verify(token, now + 600 + 6), { reason: 'token_expired' })
})

t.test('a session that ended is dropped from the cache, and comes back only through its proof', async t => {
  const verified = createVerifiedSessions()
  const verifier = await aVerifier({ verified })
  await verifier.verify(token, now)
  await verifier.verify(token, now + 700)
  t.equal(verified.find(token), undefined)
  t.ok(verifier.verify(token, now) instanceof Promise)
})

const refused: readonly (readonly [what: string, text: string, reason: string])[] = [
  ['a foreign signature', aToken({ claims, secret: Buffer.from('y'.repeat(32)) }), 'signature_invalid'],
  ['no end', aToken({ claims: { a: 42 } }), 'claims_invalid'],
  ['an end that is over', aToken({ claims: { exp: now - 5 } }), 'token_expired'],
  ['a beginning to come', aToken({ claims: { ...claims, nbf: now + 6 } }), 'token_not_yet_valid'],
  ['a life too long', aToken({ claims: { exp: now + 906 } }), 'lifetime_exceeded'],
  ['a scope that is no text', aToken({ claims: { ...claims, scope: 1 } }), 'claims_invalid'],
]
for (const [what, text, reason] of refused) {
  t.test(`a token with ${what} is refused as ${reason}, and not remembered`, async t => {
    const verified = createVerifiedSessions()
    const verifier = await aVerifier({ verified })
    t.same(await verifier.verify(text, now), { reason })
    t.equal(verified.find(text), undefined)
    t.same(await verifier.verify(text, now), { reason })
  })
}

t.test('a forged token that is over is refused for its signature: its claims are not believed', async t => {
  const verifier = await aVerifier()
  const forged = aToken({ claims: { exp: 1 }, secret: Buffer.from('y'.repeat(32)) })
  t.same(await verifier.verify(forged, now), { reason: 'signature_invalid' })
})

t.test('a token that many requests bring at once is proved once', async t => {
  const proof = aHeldProof()
  const verifier = await aVerifier({ authenticators: { jwt: proof.authenticate } })
  const verdicts = [1, 2, 3].map(() => verifier.verify(token, now))
  t.equal(proof.asked.length, 1)
  proof.settle()
  const [first, ...others] = (await Promise.all(verdicts)) as Session[]
  t.match(first, { expiresAt: now + 600 })
  for (const other of others) t.equal(other, first)
})

t.test('a refusal is shared by those who waited, and the next one is proved anew', async t => {
  const proof = aHeldProof()
  const verifier = await aVerifier({ authenticators: { jwt: proof.authenticate } })
  const verdicts = [verifier.verify(token, now), verifier.verify(token, now)]
  proof.settle({ reason: 'signature_invalid' })
  for (const verdict of verdicts) t.same(await verdict, { reason: 'signature_invalid' })
  void verifier.verify(token, now)
  t.equal(proof.asked.length, 2)
  proof.settle()
})

t.test('a fault of the proof is passed on to all who waited, and does not stick', async t => {
  const proof = aHeldProof()
  const verifier = await aVerifier({ authenticators: { jwt: proof.authenticate } })
  const fault = new Error('the key is gone')
  const verdicts = [verifier.verify(token, now), verifier.verify(token, now)].map(verdict => Promise.resolve(verdict))
  proof.fail(fault)
  for (const verdict of verdicts) await t.rejects(verdict, fault)
  const again = verifier.verify(token, now)
  proof.settle()
  t.notOk(isRefusal((await again) as Session))
})

t.test('two tokens under way do not get each other’s verdict', async t => {
  const other = aToken({ claims: { ...claims, a: 43 } })
  const held = [aHeldProof(), aHeldProof()] as const
  const verifier = await aVerifier({
    authenticators: { jwt: parsed => held[parsed.claims.a === 42 ? 0 : 1].authenticate(parsed) },
  })
  const verdicts = [verifier.verify(token, now), verifier.verify(other, now)]
  held[1].settle({ reason: 'signature_invalid' })
  held[0].settle()
  t.notOk(isRefusal((await verdicts[0]) as Session))
  t.same(await verdicts[1], { reason: 'signature_invalid' })
})

t.test('a proof that needs no waiting makes a verdict at once', async t => {
  const trusting = await aVerifier({ authenticators: { timestamped: () => undefined } })
  const text = aTimestampedToken({ issuedAt: now - 10 })
  t.match(trusting.verify(text, now), { format: 'timestamped', issuedAt: now - 10, expiresAt: now + 890 })
  const strict = await aVerifier({ authenticators: { timestamped: () => ({ reason: 'signature_invalid' }) } })
  t.same(strict.verify(text, now), { reason: 'signature_invalid' })
})

const timestamped: readonly (readonly [issuedAt: number, reason: string | undefined])[] = [
  [now - 904, undefined],
  [now - 905, 'token_expired'],
  [now + 5, undefined],
  [now + 6, 'token_not_yet_valid'],
  [281_474_976_710_655, 'token_not_yet_valid'],
]
for (const [issuedAt, reason] of timestamped) {
  const when = issuedAt > now ? `in ${issuedAt - now} s` : `${now - issuedAt} s ago`
  t.test(`a timestamped token issued ${when} is ${reason ? `refused as ${reason}` : 'let in'}`, async t => {
    const verifier = await aVerifier({ authenticators: { timestamped: () => undefined } })
    const verdict = await verifier.verify(aTimestampedToken({ issuedAt }), now)
    t.equal('reason' in verdict ? verdict.reason : undefined, reason)
  })
}

t.test('every one-character substitution, insertion and deletion of a valid token is refused', async t => {
  const verifier = await aVerifier()
  t.notOk(isRefusal((await verifier.verify(token, now)) as Session), 'the token itself is valid')
  const characters = ['A', '_', '.', '=', ' ']
  const variants = new Set<string>()
  for (let index = 0; index <= token.length; index++) {
    const [before, after] = [token.slice(0, index), token.slice(index + 1)]
    variants.add(before + after)
    for (const character of characters) {
      variants.add(before + character + after)
      variants.add(before + character + token.slice(index))
    }
  }
  variants.delete(token)
  t.ok(variants.size > 1000, `${variants.size} variants`)
  for (const variant of variants) {
    const verdict = await verifier.verify(variant, now)
    if (!('reason' in verdict)) t.fail(`${variant} was let in`)
  }
})

t.test('the other spellings of one octet string at any place of a token are refused', async t => {
  const verifier = await aVerifier()
  const parts = token.slice('sandbox_'.length).split('.')
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  for (const [index, part] of parts.entries()) {
    for (const last of alphabet) {
      const spelled = parts.with(index, part.slice(0, -1) + last).join('.')
      if (`sandbox_${spelled}` === token) continue
      t.ok('reason' in (await verifier.verify(`sandbox_${spelled}`, now)), `part ${index + 1} ends in ${last}`)
    }
  }
})

/** Numbers between 0 and 1 that are the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

t.test('2,000 random texts are refused, and none makes the verifier throw', async t => {
  const verifier = await aVerifier({ authenticators: { jwt: () => undefined, timestamped: () => undefined } })
  const random = seeded(20_261_122)
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T
  const pieces = [
    'sandbox_',
    'prod_',
    'SANDBOX_',
    '.',
    '..',
    '=',
    '==',
    '{',
    '}',
    '"',
    '[',
    ':',
    '\\',
    '%2e',
    ' ',
    '\n',
  ]
  const words = [
    'eyJhbGciOiJIUzI1NiJ9',
    'eyJhIjogMX0=',
    'e30',
    'W10',
    'bnVsbA',
    'aHe7Tw',
    'AA',
    '_',
    '-',
    '\u0000',
    'é',
    '🍎',
  ]
  for (let round = 0; round < 2000; round++) {
    let text = pick(['', 'sandbox_', 'sandbox_'])
    for (let length = Math.floor(random() * 12); length > 0; length--) {
      text += random() < 0.1 ? String.fromCharCode(Math.floor(random() * 65_536)) : pick([...pieces, ...words])
    }
    const verdict = await verifier.verify(text, now)
    if (!('reason' in verdict)) t.fail(`${JSON.stringify(text)} was let in`)
  }
})

const hostile: readonly (readonly [what: string, text: string])[] = [
  ['dots', `sandbox_${'a.'.repeat(8188)}`],
  ['prefixes', 'sandbox_'.repeat(2048)],
  ['open brackets', aToken({ claims: '['.repeat(5900) })],
  ['open objects', aToken({ claims: '{"a":'.repeat(1180) })],
  ['nested lists', aToken({ claims: `{"exp":${'['.repeat(2900)}${']'.repeat(2900)}}` })],
  ['nested objects', aToken({ claims: `${'{"a":'.repeat(900)}1${'}'.repeat(900)}` })],
  ['a deep header', aToken({ header: `{"alg":${'['.repeat(2900)}${']'.repeat(2900)}}` })],
  ['one letter', `sandbox_${'A'.repeat(16_376)}`],
  ['padding', `sandbox_${'='.repeat(16_376)}`],
  ['backslashes', aToken({ claims: `{"a":"${'\\\\'.repeat(2900)}"}` })],
]
for (const [what, text] of hostile) {
  t.test(`a hostile text of ${what} is refused`, async t => {
    t.ok('reason' in (await (await aVerifier()).verify(text, now)))
  })
}
