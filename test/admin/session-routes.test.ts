import t, { type Test } from 'tap'
import { revocationRoutes } from '../../src/admin/revocation-routes.ts'
import { tokenRoutes } from '../../src/admin/token-routes.ts'
import type { SessionRegistry } from '../../src/session/session-registry.ts'
import { refusalOf, startAdmin } from '../fixtures/admin-client.ts'
import { someSessions, verdictOn } from '../fixtures/sessions.ts'
import { aToken } from '../fixtures/token.ts'

const now = 1_800_000_000
const one = aToken({ claims: { a: 1, exp: now + 600 } })
const two = aToken({ claims: { a: 2, exp: now + 900 } })

async function startBench(t: Test, registry?: Partial<SessionRegistry>) {
  const sessions = await someSessions({ now }, { verify: 'ledger' })
  const told: string[] = []
  const used = { ...sessions.registry, ...registry }
  const routes = [
    ...tokenRoutes(used, { policy: () => ({ scopes: ['orders', 'payments'], useCases: new Map() }) }),
    ...revocationRoutes({ registry: used, retire: async () => [], onRevoked: kind => told.push(kind) }),
  ]
  return { sessions, told, ...(await startAdmin(t, routes)) }
}

t.test('a token that is registered is let in from then on, and its end is told', async t => {
  const { ask, sessions } = await startBench(t)
  const reply = await ask('/tokens', {
    body: { token: one, useCase: 'checkout', scopes: ['orders'], merchantAccount: 'm', authenticationToken: 'a' },
  })
  t.same([reply.status, JSON.parse(reply.text)], [201, { registered: 1, expires_at: ['2027-01-15T08:10:00.000Z'] }])
  t.match(await sessions.verifier.verify(one, now), {
    narrowedTo: new Set(['orders']),
    provenance: { useCase: 'checkout', merchantAccount: 'm', scopes: ['orders'] },
  })
})

t.test('many tokens are registered at once, each with its own members; null is absent', async t => {
  const { ask, sessions } = await startBench(t)
  const reply = await ask('/tokens', {
    body: { tokens: [{ token: one, useCase: null, scopes: null }, { token: two }] },
  })
  t.match(JSON.parse(reply.text), { registered: 2 })
  t.same([await verdictOn(sessions, one, now), await verdictOn(sessions, two, now)], ['let in', 'let in'])
  t.match(JSON.parse((await ask('/tokens', { body: { tokens: [] } })).text), { registered: 0 })
})

t.test('the first token that nobody could let in is named by its place; those before it are on record', async t => {
  const { ask, sessions } = await startBench(t)
  const reply = await ask('/tokens', { body: { tokens: [{ token: one }, { token: `${two}=` }, { token: two }] } })
  t.equal(refusalOf(reply), '400 invalid_input_data')
  t.match(reply.text, /tokens\[1\].*token_not_canonical/)
  t.same([await verdictOn(sessions, one, now), await verdictOn(sessions, two, now)], ['let in', 'token_unknown'])
})

const token = 'sandbox_hunter2.hunter2.hunter2'
const unfit: readonly unknown[] = [
  null,
  [],
  'text',
  1,
  {},
  { token: '' },
  { token: 1 },
  { token: null },
  { token },
  { token: 'x'.repeat(8193) },
  { token: one, useCase: '' },
  { token: one, useCase: 'x'.repeat(257) },
  { token: one, useCase: 1 },
  { token: one, scopes: 'orders' },
  { token: one, scopes: [1] },
  { token: one, scopes: ['orders', 'refunds'] },
  { token: one, merchantAccount: {} },
  { token: one, authenticationToken: [] },
  { token: one, secret: 'hunter2' },
  { token: one, tokens: [] },
  { tokens: {} },
  { tokens: [one] },
  { tokens: [null] },
  { tokens: [{ token: one, hunter2: 1 }] },
]
for (const body of unfit) {
  t.test(`${JSON.stringify(body).slice(0, 60)} cannot be registered, and nothing of it is repeated`, async t => {
    const { ask, sessions } = await startBench(t)
    const reply = await ask('/tokens', { body: JSON.stringify(body) })
    t.equal(refusalOf(reply), '400 invalid_input_data')
    t.notMatch(reply.text, /hunter2|eyJ/)
    t.equal(sessions.ledger.size, 0)
  })
}

t.test('members of the prototype are unknown members', async t => {
  const { ask } = await startBench(t)
  t.equal(
    refusalOf(await ask('/tokens', { body: `{"token":"${one}","__proto__":{"useCase":"x"}}` })),
    '400 invalid_input_data',
  )
})

for (const [kind, body, isEnded] of [
  ['token', { token: one }, [true, false]],
  ['useCase', { useCase: 'checkout' }, [true, false]],
  ['authenticationToken', { authenticationToken: 'parent' }, [false, true]],
  ['all', { all: true }, [true, true]],
] as const) {
  t.test(`a revocation by ${kind} ends what it names, and is told to the audit without a value`, async t => {
    const { ask, sessions, told } = await startBench(t)
    await ask('/tokens', {
      body: {
        tokens: [
          { token: one, useCase: 'checkout' },
          { token: two, authenticationToken: 'parent' },
        ],
      },
    })
    t.same(JSON.parse((await ask('/revocations', { body })).text), { revoked: kind, authenticationTokensReplaced: [] })
    for (const [index, text] of [one, two].entries())
      t.equal(await verdictOn(sessions, text, now), isEnded[index] ? 'token_revoked' : 'let in')
    t.same(told, [kind])
  })
}

for (const body of [
  null,
  [],
  {},
  { all: false },
  { all: 'true' },
  { all: 1 },
  { token: null },
  { token: '' },
  { token },
  { token: one, all: true },
  { useCase: 1 },
  { useCase: '' },
  { authenticationToken: 'x'.repeat(8193) },
  { hunter2: 1 },
]) {
  t.test(`${JSON.stringify(body).slice(0, 60)} revokes nothing, and nothing of it is repeated`, async t => {
    const { ask, sessions, told } = await startBench(t)
    const reply = await ask('/revocations', { body: JSON.stringify(body) })
    t.equal(refusalOf(reply), '400 invalid_input_data')
    t.notMatch(reply.text, /hunter2|eyJ/)
    t.same([sessions.revocations.size, told], [0, []])
  })
}

t.test('a revocation that cannot be held is refused, not forgotten', async t => {
  const { ask, told } = await startBench(t, { revoke: () => 'full' })
  t.equal(refusalOf(await ask('/revocations', { body: { useCase: 'x' } })), '503 service_unavailable')
  t.same(told, [])
})
