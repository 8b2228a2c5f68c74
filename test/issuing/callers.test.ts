import { createHmac } from 'node:crypto'
import t, { type Test } from 'tap'
import type { SignInConfig } from '../../src/config/config.ts'
import { type CallersOptions, createCallers } from '../../src/issuing/callers.ts'
import type { SignInFault } from '../../src/issuing/sign-in-token.ts'
import { type JwtAlgorithm, jwtAlgorithms } from '../../src/session/algorithms.ts'
import { base64urlJson, createJwtSigner } from '../fixtures/jwt-signer.ts'
import { published, startKeyServer } from '../fixtures/key-server.ts'

const now = 1_800_000_000
const asymmetric = jwtAlgorithms.filter(algorithm => !algorithm.startsWith('HS'))
const signers = new Map(asymmetric.map(algorithm => [algorithm, createJwtSigner(algorithm)]))
const signerOf = (algorithm: JwtAlgorithm) => signers.get(algorithm) as ReturnType<typeof createJwtSigner>
const jwkOf = (algorithm: JwtAlgorithm) => ({ ...signerOf(algorithm).jwk, kid: algorithm, alg: algorithm, use: 'sig' })

const claims = { iss: 'https://login.example', aud: 'gateway', sub: 'customer-1', exp: now + 300, iat: now - 10 }

/** A token of the merchant's sign-in; override one part per test. */
function aSignIn(changes: object = {}, algorithm: JwtAlgorithm = 'ES256', header: object = {}): string {
  return signerOf(algorithm).token({
    prefix: '',
    header: { alg: algorithm, kid: algorithm, ...header },
    claims: { ...claims, ...changes },
  })
}

const customerKey = Buffer.alloc(32, 9)

async function startCallers(t: Test, signIn: Partial<SignInConfig> = {}, parts: Partial<CallersOptions> = {}) {
  const keyServer = await startKeyServer(t, asymmetric.map(jwkOf))
  const clock = { now }
  const refused: SignInFault[] = []
  const failures: unknown[] = []
  const { url: jwksUrl } = keyServer
  const { issuer, audience, customerClaim } = { issuer: claims.iss, audience: claims.aud, customerClaim: 'sub' }
  const callers = createCallers({
    settings: {
      signIn: { jwksUrl, algorithms: asymmetric, issuer, audience, customerClaim, ...signIn },
      secrets: { backendKeys: ['a-key-of-the-backend', 'another-key'] },
    },
    customerKey,
    now: () => clock.now,
    onRefused: fault => void refused.push(fault),
    onKeyFailure: error => void failures.push(error),
    ...parts,
  })
  return { callers, identify: async (text: string) => callers.identify(text), keyServer, clock, refused, failures }
}

const notAccepted = { reason: 'caller_not_accepted' }
const hash = createHmac('sha256', customerKey).update('customer-1').digest('base64url').slice(0, 22)

for (const algorithm of asymmetric) {
  t.test(`a customer with a sign-in of ${algorithm} is known by a keyed hash`, async t => {
    const { identify } = await startCallers(t)
    t.same(await identify(aSignIn({}, algorithm)), {
      kind: 'customer',
      customer: hash,
      limitKey: `customer:${hash}`,
    })
  })
}

t.test('the backend is known by any of its keys, and names no customer', async t => {
  const { callers } = await startCallers(t)
  t.same(callers.identify('a-key-of-the-backend'), { kind: 'backend', customer: undefined, limitKey: 'backend:0' })
  t.same(callers.identify('another-key'), { kind: 'backend', customer: undefined, limitKey: 'backend:1' })
  callers.useBackendKeys(['a-new-key'])
  t.match(callers.identify('a-new-key'), { kind: 'backend' })
  t.same(await callers.identify('another-key'), notAccepted)
})

t.test('no credentials are said to be missing, and nothing of them is looked at past 8192 characters', async t => {
  const { callers, keyServer, refused } = await startCallers(t)
  t.same(callers.identify(''), { reason: 'credentials_missing' })
  t.same(callers.identify('x'.repeat(8193)), notAccepted)
  t.same(refused, [])
  t.same(await callers.identify('x'.repeat(8192)), notAccepted)
  t.same(refused, ['malformed'])
  t.equal(keyServer.fetches(), 0)
})

const refusals: readonly (readonly [what: string, token: () => string, fault: SignInFault])[] = [
  ['another issuer', () => aSignIn({ iss: 'https://login.example.evil' }), 'issuer'],
  ['another audience', () => aSignIn({ aud: 'shop' }), 'audience'],
  ['no audience', () => aSignIn({ aud: undefined }), 'audience'],
  ['an end that is past', () => aSignIn({ exp: now - 5 }), 'expired'],
  ['no end', () => aSignIn({ exp: undefined }), 'times_invalid'],
  ['a beginning in six seconds', () => aSignIn({ nbf: now + 6 }), 'not_yet_valid'],
  ['no customer', () => aSignIn({ sub: undefined }), 'customer_missing'],
  ['alg none and no signature', () => `${base64urlJson({ alg: 'none' })}.${base64urlJson(claims)}.`, 'malformed'],
  ['alg none', () => aSignIn({}, 'ES256', { alg: 'none' }), 'algorithm_not_allowed'],
  ['HS256 by the text of the public key', () => confused('publicPem'), 'algorithm_not_allowed'],
  ['a key that it brings along', () => embedded(), 'signature_invalid'],
  ['the kid of another key', () => aSignIn({}, 'ES256', { kid: 'ES384' }), 'signature_invalid'],
  ['an algorithm of another key', () => aSignIn({}, 'ES256', { alg: 'ES384', kid: 'ES384' }), 'signature_invalid'],
  ['a kid that is no text', () => aSignIn({}, 'ES256', { kid: { a: 1 } }), 'signature_invalid'],
  ['changed claims', () => withClaims(aSignIn(), { ...claims, sub: 'customer-2' }), 'signature_invalid'],
  ['the shape of a session token', () => `sandbox_${aSignIn()}`, 'malformed'],
]
for (const [what, token, fault] of refusals) {
  t.test(`a sign-in with ${what} is not accepted, and the log says ${fault}`, async t => {
    const { identify, refused } = await startCallers(t)
    t.same(await identify(token()), notAccepted)
    t.same(refused, [fault])
  })
}

/** Signed by HMAC with what everybody knows: the attack of RFC 8725 §2.1. */
function confused(part: 'publicPem'): string {
  const signed = `${base64urlJson({ alg: 'HS256', kid: 'RS256' })}.${base64urlJson(claims)}`
  return `${signed}.${createHmac('sha256', signerOf('RS256')[part]).update(signed).digest('base64url')}`
}

function embedded(): string {
  const own = createJwtSigner('ES256')
  return own.token({ prefix: '', header: { alg: 'ES256', jwk: own.jwk, jku: 'https://evil.example/' }, claims })
}

function withClaims(token: string, changed: object): string {
  const [header, , signature] = token.split('.')
  return `${header}.${base64urlJson(changed)}.${signature}`
}

t.test('HS256 with the public key as the secret is refused also where the set publishes a secret', async t => {
  const { identify, keyServer } = await startCallers(t)
  const secret = Buffer.from('a secret that somebody published by mistake')
  keyServer.answer = published([jwkOf('RS256'), { kty: 'oct', k: secret.toString('base64url'), kid: 'RS256' }])
  const signed = `${base64urlJson({ alg: 'HS256', kid: 'RS256' })}.${base64urlJson(claims)}`
  const token = `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
  t.same(await identify(token), notAccepted)
  t.match(await identify(aSignIn({}, 'RS256')), { kind: 'customer' })
})

t.test('only the algorithms that are listed are accepted', async t => {
  const { identify, refused } = await startCallers(t, { algorithms: ['ES256'] })
  t.match(await identify(aSignIn()), { kind: 'customer' })
  t.same(await identify(aSignIn({}, 'RS256')), notAccepted)
  t.same(refused, ['algorithm_not_allowed'])
})

t.test('a sign-in is verified once, and its end is judged every time', async t => {
  const { callers, clock, refused } = await startCallers(t)
  const token = aSignIn()
  t.match(await callers.identify(token), { kind: 'customer' })
  t.notOk(callers.identify(token) instanceof Promise)
  clock.now = claims.exp + 4
  t.match(callers.identify(token), { kind: 'customer' })
  clock.now++
  t.same(callers.identify(token), notAccepted)
  t.same(refused, ['expired'])
})

t.test('of verified sign-ins so many are remembered, and a flood of bad ones pushes none out', async t => {
  const { callers } = await startCallers(t, {}, { maxVerified: 2 })
  const [first, second, third] = ['1', '2', '3'].map(sub => aSignIn({ sub }))
  for (const token of [first, second]) await callers.identify(token as string)
  for (let count = 0; count < 20; count++) await callers.identify(aSignIn({ iss: String(count) }))
  t.notOk(callers.identify(first as string) instanceof Promise)
  await callers.identify(third as string)
  t.ok(callers.identify(second as string) instanceof Promise)
})

t.test('a key that is published no more verifies nothing, also what was verified before', async t => {
  const { identify, keyServer, clock } = await startCallers(t)
  const token = aSignIn({ exp: now + 3600 })
  t.match(await identify(token), { kind: 'customer' })
  keyServer.answer = published([jwkOf('RS256')])
  clock.now += 700
  await identify(aSignIn({ exp: now + 3600 }, 'RS256'))
  while (keyServer.fetches() < 2) await new Promise(resolve => setImmediate(resolve))
  for (let turn = 0; turn < 100 && !((await identify(token)) as { reason?: string }).reason; turn++)
    await new Promise(resolve => setTimeout(resolve, 5))
  t.same(await identify(token), notAccepted)
})

t.test('while the keys cannot be had nobody is judged: callers come back later', async t => {
  const { identify, keyServer, refused, failures, clock } = await startCallers(t)
  keyServer.answer = { status: 503, body: '' }
  t.same(await identify(aSignIn()), { reason: 'overloaded', retryAfterSec: 1 })
  t.same(refused, ['keys_unavailable'])
  t.equal(failures.length, 1)
  keyServer.answer = published(asymmetric.map(jwkOf))
  clock.now += 30
  t.match(await identify(aSignIn()), { kind: 'customer' })
})

t.test('where customers do not ask themselves a sign-in opens nothing', async t => {
  const callers = createCallers({
    settings: { signIn: null, secrets: { backendKeys: ['k'] } },
    customerKey,
    now: () => now,
  })
  t.same(callers.identify(aSignIn()), notAccepted)
})

t.test('hashes of customers differ by key, and hold nothing of the id', async t => {
  const one = await startCallers(t)
  const other = await startCallers(t, {}, { customerKey: Buffer.alloc(32, 8) })
  const [first, second] = [await one.identify(aSignIn()), await other.identify(aSignIn())]
  t.not(JSON.stringify(first), JSON.stringify(second))
  t.notMatch(JSON.stringify([first, second]), 'customer-1')
})
