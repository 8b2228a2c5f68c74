import t, { type Test } from 'tap'
import { type Reach, revocationRoutes } from '../../src/admin/revocation-routes.ts'
import { tokenRoutes } from '../../src/admin/token-routes.ts'
import type { Retirement } from '../../src/issuing/authentication-tokens.ts'
import type { Sessions } from '../../src/session/create-sessions.ts'
import type { SessionRegistry } from '../../src/session/session-registry.ts'
import { textDigest } from '../../src/session/token-identity.ts'
import type { AskOthers } from '../../src/session/verify-session.ts'
import { refusalOf, startAdmin } from '../fixtures/admin-client.ts'
import { someSessions, verdictOn } from '../fixtures/sessions.ts'
import { aToken } from '../fixtures/token.ts'

const now = 1_800_000_000
const one = aToken({ claims: { a: 1, exp: now + 600 } })
const two = aToken({ claims: { a: 2, exp: now + 900 } })

/** What a test sets of the routes' surroundings. */
const none: Retirement = { replaced: [], pending: [] }

interface Bench {
  /** Use cases that the configuration names. */
  readonly named?: readonly string[]
  /** Whether another replica may know more of them. */
  readonly mayBeOthers?: boolean
  /** How far a revocation gets. */
  readonly reach?: Reach
  /** What has become of authentication tokens. */
  readonly retirement?: Retirement
  /** Of the policy: each use case, and its scopes. */
  readonly grants?: readonly (readonly [useCase: string, ...scopes: string[]])[]
  /** What happens while the other replicas are told. */
  readonly whileSettling?: (sessions: Sessions) => void
  /** What others have on record. */
  readonly askOthers?: AskOthers
}

async function startBench(
  t: Test,
  registry?: Partial<SessionRegistry>,
  { named = [], mayBeOthers = false, reach, retirement = none, grants = [], whileSettling, askOthers }: Bench = {},
) {
  const sessions = await someSessions({ now }, { verify: 'ledger' }, askOthers && { askOthers })
  const told: string[] = []
  const used = { ...sessions.registry, ...registry }
  const routes = [
    ...tokenRoutes(used, {
      policy: () => ({
        scopes: ['orders', 'payments'],
        defaultScopes: new Set(['orders']),
        useCases: new Map(grants.map(([useCase, ...scopes]) => [useCase, new Set(scopes)])),
      }),
      ...(whileSettling && { settled: async () => whileSettling(sessions) }),
    }),
    ...revocationRoutes({
      registry: used,
      useCases: { named: () => new Set(named), mayBeOthers: () => mayBeOthers, ledger: sessions.ledger },
      ...(reach && { reach: async () => reach }),
      retire: async () => retirement,
      onRevoked: (kind, useCases, known) =>
        told.push([kind, ...useCases].join(' ') + (known === 'here' ? ', here alone' : '')),
    }),
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

const whole = { token: one, useCase: 'checkout', merchantAccount: 'm', authenticationToken: 'a' }

for (const [member, other, name] of [
  ['useCase', 'balance', 'use case'],
  ['merchantAccount', 'other', 'merchant account'],
  ['authenticationToken', 'b', 'authentication token'],
] as const) {
  t.test(`a second registration that names another ${name} is refused, and changes nothing`, async t => {
    const { ask, sessions } = await startBench(t)
    await ask('/tokens', { body: whole })
    const entries = [...sessions.ledger.entries()]
    const reply = await ask('/tokens', { body: { ...whole, scopes: ['orders'], [member]: other } })
    t.equal(refusalOf(reply), '409 record_differs')
    t.equal(
      JSON.parse(reply.text).errors[0].message,
      `tokens[0] is on record with another ${name}. What is on record is not replaced, and has not changed.`,
    )
    t.notMatch(reply.text, /eyJ/)
    t.same([...sessions.ledger.entries()], entries)
  })
}

t.test('the same registration twice leaves the record as it is, and so does one that says less', async t => {
  const { ask, sessions } = await startBench(t)
  await ask('/tokens', { body: { ...whole, scopes: ['orders'] } })
  const entries = [...sessions.ledger.entries()]
  t.equal((await ask('/tokens', { body: { ...whole, scopes: ['orders'] } })).status, 201)
  t.equal((await ask('/tokens', { body: { token: one } })).status, 201)
  t.same([...sessions.ledger.entries()], entries)
})

t.test('a use case that is added later brings nothing that the default grant does not have', async t => {
  const { ask, sessions } = await startBench(t, {}, { grants: [['checkout', 'orders', 'payments']] })
  await ask('/tokens', { body: { token: one } })
  await ask('/tokens', { body: { token: one, useCase: 'checkout' } })
  await ask('/tokens', { body: { token: two, useCase: 'checkout' } })
  t.match(await sessions.verifier.verify(one, now), {
    narrowedTo: new Set(['orders']),
    provenance: { useCase: 'checkout' },
  })
  t.match(await sessions.verifier.verify(two, now), { narrowedTo: undefined, provenance: { useCase: 'checkout' } })
})

t.test('what another process has on record counts: it is narrowed, and not contradicted', async t => {
  const provenance = { recordedAt: now - 60, useCase: 'balance', scopes: undefined, merchantAccount: 'm', parent: 'p' }
  const there = { digest: textDigest(one), expiresAt: now + 600, provenance }
  const askOthers = async (digest: string) => (digest === there.digest ? there : undefined)
  const { ask, sessions } = await startBench(t, {}, { askOthers })
  t.equal(refusalOf(await ask('/tokens', { body: { token: one, useCase: 'checkout' } })), '409 record_differs')
  t.equal((await ask('/tokens', { body: { token: one, scopes: ['orders'] } })).status, 201)
  t.same(sessions.ledger.find(one, now), { ...there, provenance: { ...provenance, scopes: ['orders'] } })
})

t.test('while the others cannot be asked a token comes on record all the same', async t => {
  const { ask, sessions } = await startBench(t, {}, { askOthers: () => Promise.reject(new Error('away')) })
  t.equal((await ask('/tokens', { body: { token: one } })).status, 201)
  t.equal(await verdictOn(sessions, one, now), 'let in')
})

t.test('of two processes that register one token at once, the later one is told that it was not the first', async t => {
  const provenance = { recordedAt: now, useCase: 'balance', scopes: [], merchantAccount: undefined, parent: undefined }
  const winner = { digest: textDigest(one), expiresAt: now + 600, provenance }
  const { ask, sessions } = await startBench(t, {}, { whileSettling: ({ adopt }) => void adopt(winner) })
  t.equal(refusalOf(await ask('/tokens', { body: { token: one, useCase: 'checkout' } })), '409 record_differs')
  t.same(sessions.ledger.find(one, now), winner)
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
    t.same(JSON.parse((await ask('/revocations', { body })).text), {
      revoked: kind,
      inForce: 'everywhere',
      authenticationTokensReplaced: [],
      authenticationTokensPending: [],
    })
    for (const [index, text] of [one, two].entries())
      t.equal(await verdictOn(sessions, text, now), isEnded[index] ? 'token_revoked' : 'let in')
    t.same(told, [kind === 'useCase' ? 'useCase checkout' : kind])
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

t.test('a revocation that the other replicas do not know yet says so, to the caller and to the audit', async t => {
  const { ask, told } = await startBench(t, {}, { reach: 'here' })
  const { status, text } = await ask('/revocations', { body: { all: true } })
  t.equal(status, 200)
  t.match(JSON.parse(text), { revoked: 'all', inForce: 'here' })
  t.same(told, ['all, here alone'])
})

t.test('what Forage has not revoked or replaced yet is told apart from what it has', async t => {
  const { ask, told } = await startBench(t, {}, { retirement: { replaced: ['balance'], pending: ['checkout'] } })
  t.same(JSON.parse((await ask('/revocations', { body: { all: true } })).text), {
    revoked: 'all',
    inForce: 'everywhere',
    authenticationTokensReplaced: ['balance'],
    authenticationTokensPending: ['checkout'],
  })
  t.same(told, ['all balance checkout'])
})

t.test('a name that only another replica may know is taken, said to be unknown here, and repeated nowhere', async t => {
  const { ask, sessions, told } = await startBench(t, {}, { named: ['checkout'], mayBeOthers: true })
  const reply = async (useCase: string) => JSON.parse((await ask('/revocations', { body: { useCase } })).text)
  t.match(await reply('chekout'), { revoked: 'useCase', known: false })
  t.same([sessions.revocations.size, told], [1, ['useCase']])
  t.equal((await reply('checkout')).known, undefined)
  t.same(told, ['useCase', 'useCase checkout'])
})

t.test('a use case that nobody has named is refused with those that there are, and ends nothing', async t => {
  const { ask, sessions, told } = await startBench(t, {}, { named: ['checkout', 'balance'] })
  for (const useCase of ['chekout', 'Checkout', 'checkout ', '__proto__']) {
    const reply = await ask('/revocations', { body: { useCase } })
    t.equal(refusalOf(reply), '400 invalid_input_data')
    t.equal(JSON.parse(reply.text).errors[0].message, '"useCase" is none of: checkout, balance.')
  }
  t.same([sessions.revocations.size, told], [0, []])
  t.equal((await ask('/revocations', { body: { useCase: 'balance' } })).status, 200)
  t.same([sessions.revocations.size, told], [1, ['useCase balance']])
})

t.test('a use case of sessions on record can be revoked, also when it is named no more', async t => {
  const { ask, sessions } = await startBench(t, {}, { named: ['checkout'] })
  await ask('/tokens', { body: { tokens: [{ token: one, useCase: 'kiosk' }, { token: two }] } })
  t.equal(refusalOf(await ask('/revocations', { body: { useCase: 'kiosks' } })), '400 invalid_input_data')
  t.equal((await ask('/revocations', { body: { useCase: 'kiosk' } })).status, 200)
  t.same([await verdictOn(sessions, one, now), await verdictOn(sessions, two, now)], ['token_revoked', 'let in'])
})

t.test('where no use case is named anywhere, any may be revoked', async t => {
  const { ask, told } = await startBench(t)
  t.equal((await ask('/revocations', { body: { useCase: 'whatever' } })).status, 200)
  t.same(told, ['useCase'])
})
