/*
 * A good session token was blocked as an authentication token.
 *
 * An authentication token is an environment and 30 letters and digits. A timestamped session token whose payload has 22
 * octets begins just so: 30 letters and digits, then the padding "==". The search looked for a dot behind the 30, not
 * for padding and a dot, so that such a session got 403 `authentication_token_not_allowed`, an alarm went off, and with
 * `onLeakedAuthenticationToken: revoke` something would have been revoked.
 */
import t from 'tap'
import { createGate } from '../../src/gate/decide.ts'
import { defaultPolicy } from '../fixtures/config.ts'
import { aHead, aSession } from '../fixtures/gate.ts'
import { aTimestampedToken } from '../fixtures/timestamped-token.ts'

const token = aTimestampedToken({ claims: { a: 247444, t: 42 } })

t.test('the token has the shape in question', async t => t.match(token, /^sandbox_[A-Za-z0-9]{30}==\./))

t.test('a session token with 30 letters before its padding reaches the verifier', async t => {
  const asked: string[] = []
  const gate = createGate({
    policy: defaultPolicy(),
    sessions: {
      verify(text) {
        asked.push(text)
        return aSession()
      },
      isKnown: () => false,
    },
    merchantAccounts: [],
    cors: { origins: [] },
    maxBodyBytes: null,
    maxHeaderBytes: 16_384,
    now: () => 1_800_000_000,
  })
  const decision = await gate.decide(aHead({ fields: ['Host', 'a', 'Authorization', `Bearer ${token}`] }))
  t.equal(decision.outcome, 'allow')
  t.same(asked, [token])
})
