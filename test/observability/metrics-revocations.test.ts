import t from 'tap'
import { countingRevocations } from '../../src/observability/metrics-revocations.ts'
import { someSessions, verdictOn } from '../fixtures/sessions.ts'
import { aToken } from '../fixtures/token.ts'

const now = 1_999_999_500

t.test('a revocation is counted when it has taken effect, and one that has not is not', async t => {
  const sessions = await someSessions({ now })
  let revocations = 0
  const registry = countingRevocations(sessions.registry, () => revocations++)
  t.equal(registry.revoke({ all: true }), 'revoked')
  t.match(registry.revoke({ token: 'no token' }), { reason: 'token_malformed' })
  t.equal(revocations, 1)
  t.equal(sessions.revocations.size, 1)
})

t.test('everything else is the registry’s own', async t => {
  const sessions = await someSessions({ now }, { verify: 'upstream' })
  const registry = countingRevocations(sessions.registry, () => t.fail('nothing is revoked'))
  t.same(registry.record(aToken()), { expiresAt: 2_000_000_000 })
  t.equal(sessions.ledger.size, 1)
  registry.reject(aToken())
  t.equal(await verdictOn(sessions, aToken(), now), 'token_rejected_upstream')
})
