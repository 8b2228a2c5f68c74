import t from 'tap'
import { createMemoryState } from '../../src/state/memory-state.ts'
import { aDigest, aLedgerEntry } from '../fixtures/redis-state.ts'

const now = 1_800_000_000

t.test('the ledger is bounded: the oldest entry makes room', async t => {
  const state = createMemoryState({ maxEntries: 2, now: () => now })
  const entries = [1, 2, 3].map(() => aLedgerEntry({ expiresAt: now + 900 }))
  for (const entry of entries) await state.ledger.record(entry)
  const found = await Promise.all(entries.map(({ digest }) => state.ledger.find(digest)))
  t.same(found, [undefined, entries[1], entries[2]])
})

t.test('revocations are bounded: one too many is reported as full', async t => {
  const state = createMemoryState({ maxRevocations: 1, now: () => now })
  const token = { token: aDigest(), expiresAt: now + 900 }
  t.equal(await state.revocations.add(token, now), 'revoked')
  t.equal(await state.revocations.add({ all: true }, now), 'full')
  t.equal(await state.revocations.add(token, now), 'revoked', 'it is known')
})

t.test('a window of a limit ends with its last millisecond', async t => {
  let monotonic = 0
  const state = createMemoryState({ monotonic: () => monotonic })
  const rate = { requests: 1, windowSec: 10 }
  t.equal(await state.limits.consume('one', rate), 0)
  monotonic = 1
  t.equal(await state.limits.consume('one', rate), 10)
  monotonic = 9999
  t.equal(await state.limits.consume('one', rate), 1)
  monotonic = 10_000
  t.equal(await state.limits.consume('one', rate), 0)
})

t.test('the whole budget is its own', async t => {
  const { budget } = createMemoryState()
  const grant = await budget.renew({ egress: 'any', requests: 900, used: 0, waiting: 0 })
  t.same([grant.requests, grant.replicas], [900, 1])
})

t.test('it tells nobody anything, since there is nobody', async t => {
  const state = createMemoryState()
  state.onHealthChange(() => t.fail('its health never changes'))
  state.revocations.onAdded(() => t.fail('there are no others'))
  await state.revocations.add({ all: true }, now)
  await state.close()
})
