import t from 'tap'
import { someSessions, verdictOn } from '../fixtures/sessions.ts'
import { aTimestampedToken } from '../fixtures/timestamped-token.ts'
import { anAuthenticationToken, aToken } from '../fixtures/token.ts'

const now = 1_800_000_000
const token = aToken({ claims: { a: 42, exp: now + 600 } })
const foreign = aToken({ claims: { a: 42, exp: now + 600 }, secret: Buffer.from('a secret that nobody here has') })
const ledger = { verify: 'ledger' } as const
const upstream = { verify: 'upstream' } as const

t.test('a token on record is let in without any key, and letter by letter', async t => {
  const sessions = await someSessions({ now }, ledger)
  t.equal(await verdictOn(sessions, foreign, now), 'token_unknown')
  t.same(sessions.registry.record(foreign), { expiresAt: now + 600 })
  t.equal(await verdictOn(sessions, foreign, now), 'let in')
  t.equal(await verdictOn(sessions, token, now), 'token_unknown', 'the same claims with another signature')
})

const refusals: readonly (readonly [what: string, text: string, reason: string])[] = [
  ['another environment', aToken({ prefix: 'prod_', claims: { exp: now + 600 } }), 'environment_mismatch'],
  ['a second spelling', `${token}=`, 'token_not_canonical'],
  ['an authentication token', anAuthenticationToken(), 'token_malformed'],
  ['one that is over', aToken({ claims: { exp: now - 5 } }), 'token_expired'],
  ['one that begins in six seconds', aToken({ claims: { exp: now + 600, nbf: now + 6 } }), 'token_not_yet_valid'],
  ['one that lives too long', aToken({ claims: { exp: now + 906 } }), 'lifetime_exceeded'],
  ['one without an end', aToken({ claims: {} }), 'claims_invalid'],
]
for (const [what, text, reason] of refusals) {
  t.test(`what nobody could let in does not come on record: ${what}`, async t => {
    const sessions = await someSessions({ now }, ledger)
    t.same(sessions.registry.record(text), { reason })
    t.equal(sessions.ledger.size, 0)
  })
}

t.test('a format that is not accepted does not come on record, nor can its tokens be revoked', async t => {
  const sessions = await someSessions({ now }, { ...ledger, formats: ['jwt'] })
  const text = aTimestampedToken({ issuedAt: now })
  t.same(sessions.registry.record(text), { reason: 'format_not_accepted' })
  t.same(sessions.registry.revoke({ token: text }), { reason: 'format_not_accepted' })
})

t.test('a record lasts as long as the tolerance lets its token live, and not a second longer', async t => {
  const sessions = await someSessions({ now }, ledger)
  sessions.registry.record(token)
  t.equal(await verdictOn(sessions, token, now + 604), 'let in')
  t.equal(await verdictOn(sessions, token, now + 605), 'token_expired')
  const fresh = await someSessions({ now }, ledger)
  fresh.registry.record(token)
  t.equal(await verdictOn(fresh, token, now + 605), 'token_expired', 'also for one that was not asked for before')
  t.equal(
    await verdictOn(await someSessions({ now }, ledger), token, now + 605),
    'token_expired',
    'or is not on record',
  )
})

t.test('what is on record narrows a session that is in the cache already', async t => {
  const sessions = await someSessions({ now })
  await sessions.verifier.verify(token, now)
  sessions.registry.record(token, { scopes: ['orders'], useCase: 'balance', merchantAccount: 'm' })
  t.match(await sessions.verifier.verify(token, now), {
    narrowedTo: new Set(['orders']),
    provenance: { useCase: 'balance', merchantAccount: 'm' },
  })
})

t.test('what comes on record while a signature is verified counts', async t => {
  const sessions = await someSessions({ now })
  const verdict = sessions.verifier.verify(token, now)
  t.ok(verdict instanceof Promise)
  sessions.registry.record(token, { scopes: ['orders'] })
  t.match(await verdict, { narrowedTo: new Set(['orders']) })
  t.match(await sessions.verifier.verify(token, now), { narrowedTo: new Set(['orders']) })
})

t.test('a token that is revoked while its signature is verified is not let in', async t => {
  const sessions = await someSessions({ now })
  const verdict = sessions.verifier.verify(token, now)
  t.equal(sessions.registry.revoke({ token }), 'revoked')
  t.same(await verdict, { reason: 'token_revoked' })
})

t.test('of an authentication token its digest alone is kept', async t => {
  const sessions = await someSessions({ now }, ledger)
  const authenticationToken = anAuthenticationToken()
  sessions.registry.record(token, { authenticationToken })
  const session = await sessions.verifier.verify(token, now)
  t.notMatch(JSON.stringify(session), authenticationToken.slice('sandbox_'.length))
  t.equal(await verdictOn(sessions, token, now), 'let in')
  sessions.registry.revoke({ authenticationToken: `${authenticationToken}x` })
  t.equal(await verdictOn(sessions, token, now), 'let in')
  sessions.registry.revoke({ authenticationToken })
  t.equal(await verdictOn(sessions, token, now), 'token_revoked')
})

t.test('a revoked token that comes on record again stays revoked', async t => {
  const clock = { now }
  const sessions = await someSessions(clock, ledger)
  sessions.registry.record(token)
  sessions.registry.revoke({ token })
  sessions.registry.record(token)
  t.equal(await verdictOn(sessions, token, now), 'token_revoked')
  const all = await someSessions(clock, ledger)
  all.registry.record(token)
  all.registry.revoke({ all: true })
  clock.now += 60
  all.registry.record(token)
  t.equal(await verdictOn(all, token, clock.now), 'token_revoked')
})

t.test('what is no token of this environment cannot be revoked, and the caller is told', async t => {
  const sessions = await someSessions({ now })
  t.same(sessions.registry.revoke({ token: aToken({ prefix: 'prod_' }) }), { reason: 'environment_mismatch' })
  t.same(sessions.registry.revoke({ token: 'nonsense' }), { reason: 'token_malformed' })
  t.equal(sessions.revocations.size, 0)
})

t.test('a token that Forage refused is refused from then on, in its exact text only', async t => {
  const sessions = await someSessions({ now }, upstream)
  t.equal(await verdictOn(sessions, token, now), 'let in')
  sessions.registry.reject(foreign)
  t.equal(await verdictOn(sessions, token, now), 'let in', 'the claims of another with a made-up signature harm nobody')
  sessions.registry.reject(token)
  t.equal(await verdictOn(sessions, token, now), 'token_rejected_upstream', 'also one that was in the cache')
  sessions.registry.reject('nonsense')
  t.equal(await verdictOn(sessions, 'nonsense', now), 'token_malformed')
})
