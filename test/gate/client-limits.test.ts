import t from 'tap'
import type { ClientLimits } from '../../src/gate/client-limits.ts'
import { noClientLimits } from '../../src/gate/client-limits.ts'
import { createGate, type Gate } from '../../src/gate/decide.ts'
import type { Session, Verdict } from '../../src/session/session.ts'
import { defaultPolicy } from '../fixtures/config.ts'
import { aHead, aSession } from '../fixtures/gate.ts'

interface Asked {
  readonly gate: Gate
  readonly denials: string[]
  readonly admitted: (readonly [address: string, session: Session])[]
  /** How often a token was verified. */
  verified: number
}

function gateWith(limits: Partial<ClientLimits>, verdict: Verdict = aSession(), isKnown = false): Asked {
  const asked: Asked = {
    denials: [],
    admitted: [],
    verified: 0,
    gate: createGate({
      policy: defaultPolicy(),
      sessions: {
        verify() {
          asked.verified++
          return verdict
        },
        isKnown: () => isKnown,
      },
      merchantAccounts: [],
      cors: { origins: [] },
      maxBodyBytes: 1000,
      maxHeaderBytes: 16_384,
      now: () => 1_800_000_000,
      limits: {
        guessing: () => 0,
        ...limits,
        admit(address, session) {
          asked.admitted.push([address, session])
          return limits.admit?.(address, session) ?? 0
        },
        noteDenial: address => asked.denials.push(address),
      },
    }),
  }
  return asked
}

t.test('without limits any client may ask for anything', async t => {
  t.equal(noClientLimits.guessing('192.0.2.7'), 0)
  t.equal(noClientLimits.admit('192.0.2.7', aSession()), 0)
  noClientLimits.noteDenial('192.0.2.7')
})

t.test('a request that would be forwarded is counted once, by its address and its session', async t => {
  const asked = gateWith({})
  t.match(asked.gate.decide(aHead()), { outcome: 'allow' })
  t.same(asked.admitted, [['192.0.2.7', aSession()]])
  t.same(asked.denials, [])
})

for (const [how, wait] of [
  ['at once', 7.2],
  ['later', Promise.resolve(7.2)],
] as const) {
  t.test(
    `a request over a limit that is told ${how} is rate_limited, with the seconds until it is worth it`,
    async t => {
      const asked = gateWith({ admit: () => wait })
      const decision = await asked.gate.decide(aHead())
      t.match(decision, { outcome: 'deny', reason: 'rate_limited', retryAfterSec: 7.2, session: aSession() })
      t.same(asked.denials, [], 'and is no guess')
    },
  )
}

t.test('a limit that is asked elsewhere and has room lets the request pass', async t => {
  t.match(await gateWith({ admit: async () => 0 }).gate.decide(aHead()), { outcome: 'allow' })
})

t.test('every refusal counts against its address', async t => {
  const asked = gateWith({}, { reason: 'signature_invalid' })
  const refused = [{ target: '/nowhere/' }, { fields: ['Host', 'a'] }, { method: 'TRACE' }, {}]
  for (const head of refused) t.match(asked.gate.decide(aHead(head)), { outcome: 'deny', retryAfterSec: 0 })
  t.same(
    asked.denials,
    refused.map(() => '192.0.2.7'),
  )
  t.same(asked.admitted, [])
})

t.test(
  'an address that guesses is refused before its token is looked at, with the seconds until it is heard',
  async t => {
    const asked = gateWith({ guessing: address => (address === '192.0.2.7' ? 30 : 0) })
    t.match(asked.gate.decide(aHead()), {
      outcome: 'deny',
      reason: 'rate_limited',
      retryAfterSec: 30,
      session: undefined,
    })
    t.equal(asked.verified, 0)
    t.match(asked.gate.decide(aHead({ clientAddress: '192.0.2.8' })), { outcome: 'allow' })
  },
)

t.test('a session that is known goes on behind an address that guesses', async t => {
  const asked = gateWith({ guessing: () => 30 }, aSession(), true)
  t.match(asked.gate.decide(aHead()), { outcome: 'allow' })
})

t.test('an authentication token is reported as one, however often its address was refused', async t => {
  const asked = gateWith({ guessing: () => 30 })
  const fields = ['Host', 'a', 'Authorization', `Bearer sandbox_${'sZaw'.repeat(8)}`]
  t.match(asked.gate.decide(aHead({ fields })), { outcome: 'deny', reason: 'authentication_token' })
})
