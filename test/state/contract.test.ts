import t, { type Test } from 'tap'
import { createMemoryState } from '../../src/state/memory-state.ts'
import type { SharedState } from '../../src/state/shared-state.ts'
import { missingPart } from '../fixtures/real-part.ts'
import { startRedis } from '../fixtures/redis-server.ts'
import { aDigest, aLedgerEntry, aRedisState, until } from '../fixtures/redis-state.ts'

const seconds = () => Date.now() / 1000

const implementations: Readonly<Record<string, { skip: string | false; start(t: Test): Promise<SharedState> }>> = {
  memory: { skip: false, start: async () => createMemoryState() },
  Redis: {
    skip: missingPart('redis-server'),
    async start(t) {
      const { url } = await startRedis(t)
      return aRedisState(t, { url, sealingKey: new Uint8Array(32).fill(7) })
    },
  },
}

for (const [name, { skip, start }] of Object.entries(implementations)) {
  t.test(`the state in ${name}`, { skip }, async t => {
    const state = await start(t)

    t.test('is connected, alone, and has counted no trouble', async t => {
      t.match(state.health, { status: 'connected', reason: '' })
      t.ok(Math.abs(state.health.since - seconds()) < 60)
      t.equal(state.replicas, 1)
      t.same(state.counters, { timeouts: 0, failures: 0, reconnects: 0, unreadable: 0, writtenBack: 0 })
    })

    t.test('a ledger entry is found as it was recorded, by its own digest only', async t => {
      const entry = aLedgerEntry()
      await state.ledger.record(entry)
      t.same(await state.ledger.find(entry.digest), entry)
      t.equal(await state.ledger.find(aDigest()), undefined)
    })

    t.test('an entry that says little is found as it was, with nothing added', async t => {
      const provenance = {
        recordedAt: 1_800_000_000.5,
        useCase: undefined,
        scopes: [],
        merchantAccount: undefined,
        parent: undefined,
      }
      const entry = aLedgerEntry({ provenance })
      await state.ledger.record(entry)
      t.same((await state.ledger.find(entry.digest))?.provenance, provenance)
    })

    t.test('an entry is gone at its end, and one that has ended is never there', async t => {
      const ended = aLedgerEntry({ expiresAt: seconds() - 1 })
      await state.ledger.record(ended)
      t.equal(await state.ledger.find(ended.digest), undefined)
      const short = aLedgerEntry({ expiresAt: seconds() + 0.3 })
      await state.ledger.record(short)
      t.ok(await state.ledger.find(short.digest))
      await until('the entry is gone', async () => (await state.ledger.find(short.digest)) === undefined)
    })

    t.test('a token that is recorded again is narrowed, and what is on record then is answered', async t => {
      const entry = aLedgerEntry()
      const { recordedAt } = entry.provenance
      const nothing = { useCase: undefined, merchantAccount: undefined, parent: undefined }
      const again = { recordedAt: recordedAt + 9, ...nothing, scopes: [], customer: 'c' }
      t.same(await state.ledger.record(entry), entry)
      const narrowed = { ...entry, provenance: { ...entry.provenance, scopes: [], customer: 'c' } }
      t.same(await state.ledger.record({ ...entry, provenance: again }), narrowed)
      t.same(await state.ledger.find(entry.digest), narrowed)
    })

    t.test('a record that contradicts the first one changes nothing', async t => {
      const entry = aLedgerEntry()
      await state.ledger.record(entry)
      const other = { ...entry, provenance: { ...entry.provenance, useCase: 'balance', scopes: [] } }
      t.same(await state.ledger.record(other), entry)
      t.same(await state.ledger.find(entry.digest), entry)
    })

    t.test('each kind of revocation is known once it is added, once however often', async t => {
      const now = Math.floor(seconds())
      const token = { token: aDigest(), expiresAt: now + 900 }
      const parent = { authenticationToken: aDigest() }
      for (const revocation of [token, { useCase: 'checkout' }, parent, { all: true } as const, token])
        t.equal(await state.revocations.add(revocation, now + 0.5), 'revoked')
      t.same(state.revocations.known(), [
        [token, 0],
        [{ useCase: 'checkout' }, now],
        [parent, now],
        [{ all: true }, now],
      ])
    })

    t.test('a revocation of this process is not told to it again', async t => {
      const told: unknown[] = []
      state.revocations.onAdded(revocation => told.push(revocation))
      const later = { token: aDigest(), expiresAt: seconds() + 900 }
      await state.revocations.add(later, seconds())
      await state.ledger.find(aDigest())
      t.same(told, [])
    })

    t.test('the only replica gets what it needs of the budget', async t => {
      const grant = await state.budget.renew({ egress: '127.0.0.2', requests: 900, used: 0, waiting: 100 })
      t.ok(grant.requests >= 100 && grant.requests <= 900, `${grant.requests}`)
      t.equal(grant.replicas, 1)
      t.ok(grant.expiresInMs > 0)
      await state.budget.leave('127.0.0.2', 3)
    })

    t.test('a limit lets its number of requests through, and then says how long to wait', async t => {
      const rate = { requests: 2, windowSec: 60 }
      t.equal(await state.limits.consume('198.51.100.7', rate), 0)
      t.equal(await state.limits.consume('198.51.100.7', rate), 0)
      const wait = await state.limits.consume('198.51.100.7', rate)
      t.ok(wait >= 59 && wait <= 60, `${wait}`)
      t.equal(await state.limits.consume('198.51.100.8', rate), 0, 'another one is not concerned')
      t.equal(await state.limits.consume('198.51.100.7', { ...rate, windowSec: 30 }), 0, 'nor is another window')
    })

    t.test('after its window a limit begins anew', async t => {
      const rate = { requests: 1, windowSec: 1 }
      t.equal(await state.limits.consume('one', rate), 0)
      t.equal(await state.limits.consume('one', rate), 1)
      await until('the window is over', async () => (await state.limits.consume('one', rate)) === 0)
    })

    t.test('a secret is kept under its name until its end', async t => {
      await state.secrets?.put('checkout', 'a long-lived secret', 60)
      t.equal(await state.secrets?.get('checkout'), 'a long-lived secret')
      t.equal(await state.secrets?.get('balance'), undefined)
      await state.secrets?.put('balance', 'a short-lived secret', 0.1)
      await until('the secret is gone', async () => (await state.secrets?.get('balance')) === undefined)
    })

    t.test('it can be closed twice', async () => {
      await state.close()
      await state.close()
    })
  })
}
