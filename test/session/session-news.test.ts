import t from 'tap'
import { createSessions, type Sessions } from '../../src/session/create-sessions.ts'
import { isRefusal, type Session } from '../../src/session/session.ts'
import { announcing, hearNews, knownSessions, type SessionNews } from '../../src/session/session-news.ts'
import { aSessionConfig } from '../fixtures/config.ts'
import { aToken } from '../fixtures/token.ts'

const now = 1_800_000_000
const token = aToken({ claims: { a: 1, exp: now + 600 } })

function ledgerSessions(): Promise<Sessions> {
  const settings = aSessionConfig({ verify: 'ledger' })
  const options = {
    environment: 'sandbox',
    scopeClaim: null,
    fingerprintKey: Buffer.alloc(32),
    now: () => now,
  } as const
  return createSessions({ ...options, settings, keys: settings.keys })
}

/** News as it is after its way through a pipe. */
function overPipe(news: SessionNews): SessionNews {
  return JSON.parse(JSON.stringify(news))
}

t.test('a token that is registered in one process is let in by the others', async t => {
  const [one, other] = [await ledgerSessions(), await ledgerSessions()]
  const registry = announcing(one, news => hearNews(overPipe(news), other))
  t.same(other.verifier.verify(token, now), { reason: 'token_unknown' })
  registry.record(token, { useCase: 'checkout' })
  t.match(other.verifier.verify(token, now), { provenance: { useCase: 'checkout' } })
})

t.test('what is registered again narrows the session that another process has in its cache', async t => {
  const [one, other] = [await ledgerSessions(), await ledgerSessions()]
  const registry = announcing(one, news => hearNews(overPipe(news), other))
  registry.record(token, { useCase: 'checkout', isIssuedHere: true })
  t.match(other.verifier.verify(token, now), { narrowedTo: undefined })
  registry.record(token, { scopes: ['orders'] })
  t.match(other.verifier.verify(token, now), {
    narrowedTo: new Set(['orders']),
    provenance: { useCase: 'checkout', isIssuedHere: true },
  })
})

t.test('a registration that is refused is not told of', async t => {
  const told: SessionNews[] = []
  const registry = announcing(await ledgerSessions(), news => told.push(news))
  registry.record(token, { useCase: 'checkout' })
  t.same(registry.record(token, { useCase: 'balance' }), { reason: 'record_differs', member: 'useCase' })
  t.equal(told.length, 1)
})

t.test('a process whose own record contradicts what it is told takes up what it is told', async t => {
  const [one, other] = [await ledgerSessions(), await ledgerSessions()]
  one.registry.record(token, { useCase: 'checkout' })
  other.registry.record(token, { useCase: 'balance' })
  t.match(other.verifier.verify(token, now), { provenance: { useCase: 'balance' } })
  hearNews(overPipe(knownSessions(one)), other)
  t.match(other.verifier.verify(token, now), { provenance: { useCase: 'checkout' } })
})

t.test('a token that cannot be registered is not told of', async t => {
  const told: SessionNews[] = []
  const registry = announcing(await ledgerSessions(), news => told.push(news))
  t.ok(isRefusal(registry.record('sandbox_nonsense') as Session))
  t.same(told, [])
})

for (const request of [
  { token },
  { useCase: 'checkout' },
  { authenticationToken: 'sandbox_parent' },
  { all: true },
] as const) {
  t.test(`revoking ${Object.keys(request)[0]} in one process ends the session in the others`, async t => {
    const [one, other] = [await ledgerSessions(), await ledgerSessions()]
    const registry = announcing(one, news => hearNews(overPipe(news), other))
    registry.record(token, { useCase: 'checkout', authenticationToken: 'sandbox_parent' })
    t.notOk('reason' in (other.verifier.verify(token, now) as Session))
    t.equal(registry.revoke(request), 'revoked')
    t.same(other.verifier.verify(token, now), { reason: 'token_revoked' })
  })
}

t.test('a process that begins later knows what the others know', async t => {
  const one = await ledgerSessions()
  const revoked = aToken({ claims: { a: 2, exp: now + 600 } })
  one.registry.record(token, { scopes: ['orders'] })
  one.registry.record(revoked)
  one.registry.revoke({ token: revoked })
  const later = await ledgerSessions()
  hearNews(overPipe(knownSessions(one)), later)
  t.match(later.verifier.verify(token, now), { provenance: { scopes: ['orders'] } })
  t.same(later.verifier.verify(revoked, now), { reason: 'token_revoked' })
})

t.test('what Forage refused is not told: the others ask for themselves', async t => {
  const told: SessionNews[] = []
  const one = await ledgerSessions()
  announcing(one, news => told.push(news)).reject(token)
  t.same(told, [])
})
