import t from 'tap'
import { createRevocations, type Revocation } from '../../src/session/revocations.ts'
import type { Provenance, Session } from '../../src/session/session.ts'
import { aSession } from '../fixtures/gate.ts'

const now = 1_800_000_000
const record = (overrides: Partial<Provenance> = {}): Provenance => ({
  recordedAt: now,
  useCase: 'checkout',
  scopes: undefined,
  merchantAccount: undefined,
  parent: 'parent-digest',
  ...overrides,
})
const session = (overrides: Partial<Session> = {}) => aSession({ identity: 'one', expiresAt: now + 900, ...overrides })

t.test('a token is revoked by its identity, at once, and no other one', async t => {
  const revocations = createRevocations()
  t.equal(revocations.isRevoked(session()), false)
  t.equal(revocations.add({ token: 'one', expiresAt: now + 900 }, now), 'revoked')
  t.equal(revocations.isRevoked(session()), true)
  t.equal(revocations.isRevoked(session({ identity: 'two' })), false)
  t.equal(revocations.size, 1)
})

const collective: readonly (readonly [what: string, revocation: Revocation, other: Partial<Session>])[] = [
  ['everything', { all: true }, { identity: 'nothing in common', provenance: undefined, issuedAt: now - 1 }],
  ['a use case', { useCase: 'checkout' }, { provenance: record({ parent: undefined }) }],
]
for (const [what, revocation, alsoRevoked] of collective) {
  t.test(
    `to revoke ${what} ends sessions of the second before and of the same second, not of the second after`,
    async t => {
      const revocations = createRevocations()
      revocations.add(revocation, now + 0.9)
      for (const [at, isRevoked] of [
        [now - 1, true],
        [now, true],
        [now + 0.999, true],
        [now + 1, false],
      ] as const) {
        const provenance = record({ recordedAt: at })
        t.equal(
          revocations.isRevoked(session({ issuedAt: Math.floor(at), provenance })),
          isRevoked,
          `began at ${at - now}`,
        )
      }
      t.equal(revocations.isRevoked(session({ issuedAt: now - 1, ...alsoRevoked })), true)
    },
  )

  t.test(`to revoke ${what} ends a session that came on record late, or again`, async t => {
    const revocations = createRevocations()
    revocations.add(revocation, now)
    const late = record({ recordedAt: now + 60 })
    t.equal(revocations.isRevoked(session({ issuedAt: now - 1, provenance: late })), true)
    t.equal(
      revocations.isRevoked(session({ expiresAt: now + 899, provenance: late })),
      true,
      'nor when it says no time',
    )
    t.equal(revocations.isRevoked(session({ issuedAt: now + 1, provenance: late })), false)
  })
}

for (const [what, revocation] of [
  ['everything', { all: true }],
  ['a use case', { useCase: 'checkout' }],
] as const) {
  t.test(`to revoke ${what} ends what this gateway issued until that millisecond, and nothing after it`, async t => {
    const revocations = createRevocations()
    revocations.add(revocation, now + 0.5)
    for (const [at, isRevoked] of [
      [now + 0.499, true],
      [now + 0.5, true],
      [now + 0.501, false],
    ] as const) {
      const provenance = record({ recordedAt: at, isIssuedHere: true })
      t.equal(revocations.isRevoked(session({ issuedAt: now, provenance })), isRevoked, `issued at ${at - now}`)
    }
  })
}

t.test('to revoke an authentication token ends every session from it, also one whose issue was under way', async t => {
  const revocations = createRevocations()
  revocations.add({ authenticationToken: 'parent-digest' }, now)
  for (const recordedAt of [now - 1, now, now + 60]) {
    t.equal(revocations.isRevoked(session({ provenance: record({ recordedAt, isIssuedHere: true }) })), true)
    t.equal(revocations.isRevoked(session({ provenance: record({ recordedAt, useCase: undefined }) })), true)
  }
  t.equal(revocations.isRevoked(session({ provenance: record({ parent: 'another' }) })), false)
  t.equal(revocations.isRevoked(session({ provenance: undefined })), false)
})

t.test('news of an earlier revocation takes nothing back from a later one', async t => {
  const revocations = createRevocations()
  for (const at of [now + 10, now]) {
    revocations.add({ useCase: 'checkout' }, at)
    revocations.add({ all: true }, at)
  }
  t.same(revocations.list(), [
    [{ useCase: 'checkout' }, now + 10],
    [{ all: true }, now + 10],
  ])
})

for (const [what, revocation] of [
  ['a use case', { useCase: 'balance' }],
  ['an authentication token', { authenticationToken: 'another' }],
] as const) {
  t.test(`to revoke ${what} ends no session of another one, or of none`, async t => {
    const revocations = createRevocations()
    revocations.add(revocation, now)
    t.equal(revocations.isRevoked(session({ provenance: record() })), false)
    t.equal(revocations.isRevoked(session({ issuedAt: now - 100 })), false)
  })
}

t.test('a token that does not say when it was issued began a lifetime before its end', async t => {
  const revocations = createRevocations()
  revocations.add({ all: true }, now)
  t.equal(revocations.isRevoked(session({ expiresAt: now + 900 })), true)
  t.equal(revocations.isRevoked(session({ expiresAt: now + 901 })), false)
  const longer = createRevocations({ maxLifetimeSec: 3600 })
  longer.add({ all: true }, now)
  t.equal(longer.isRevoked(session({ expiresAt: now + 3600 })), true, 'of the longest life that is accepted')
  t.equal(longer.isRevoked(session({ expiresAt: now + 3601 })), false)
})

t.test('a second revocation of everything covers what began since the first', async t => {
  const revocations = createRevocations()
  revocations.add({ all: true }, now)
  revocations.add({ all: true }, now + 10)
  t.equal(revocations.isRevoked(session({ issuedAt: now + 10 })), true)
  t.equal(revocations.size, 1)
})

t.test('when no more tokens can be held, the caller is told, and those that are held stay revoked', async t => {
  const revocations = createRevocations({ maxTokens: 2 })
  for (const token of ['one', 'two']) revocations.add({ token, expiresAt: now + 900 }, now)
  t.equal(revocations.add({ token: 'three', expiresAt: now + 900 }, now + 899), 'full')
  t.equal(revocations.add({ token: 'one', expiresAt: now + 900 }, now + 899), 'revoked', 'it is already')
  t.equal(revocations.isRevoked(session()), true)
  t.equal(revocations.add({ all: true }, now), 'revoked', 'there is always room for this')
})

t.test('revocations of tokens that are over make room, in the second of their end', async t => {
  const revocations = createRevocations({ maxTokens: 1 })
  revocations.add({ token: 'one', expiresAt: now + 900 }, now)
  t.equal(revocations.add({ token: 'two', expiresAt: now + 900 }, now + 899), 'full')
  t.equal(revocations.add({ token: 'two', expiresAt: now + 1800 }, now + 900), 'revoked')
  t.equal(revocations.isRevoked(session({ identity: 'two' })), true)
})

t.test('ten thousand use cases can be revoked in an hour, and no more', async t => {
  const revocations = createRevocations()
  for (let index = 0; index < 10_000; index++) revocations.add({ useCase: `u${index}` }, now)
  t.equal(revocations.add({ useCase: 'one more' }, now + 3600), 'full')
  t.equal(revocations.add({ useCase: 'u0' }, now + 3600), 'revoked')
  t.equal(revocations.add({ useCase: 'one more' }, now + 3601), 'revoked')
  t.equal(revocations.isRevoked(session({ issuedAt: now, provenance: record({ useCase: 'one more' }) })), true)
})

t.test('where sessions may live for a day, a revoked use case is remembered for two', async t => {
  const revocations = createRevocations({ maxLifetimeSec: 86_400 })
  for (let index = 0; index < 10_000; index++) revocations.add({ useCase: `u${index}` }, now)
  t.equal(revocations.add({ useCase: 'one more' }, now + 172_800), 'full')
  t.equal(revocations.add({ useCase: 'one more' }, now + 172_801), 'revoked')
})

t.test('a list of revocations, added elsewhere, revokes the same sessions', async t => {
  const known = createRevocations()
  known.add({ token: 'one', expiresAt: 2000 }, 1000)
  known.add({ useCase: 'checkout' }, 1000)
  known.add({ authenticationToken: 'parent' }, 1001)
  t.same(known.list(), [
    [{ token: 'one', expiresAt: 2000 }, 0],
    [{ useCase: 'checkout' }, 1000],
    [{ authenticationToken: 'parent' }, 1001],
  ])
  known.add({ all: true }, 1002.7)
  const later = createRevocations()
  for (const [revocation, now] of known.list()) later.add(revocation, now)
  t.same(later.list(), known.list())
  t.equal(later.list().length, 4)
})
