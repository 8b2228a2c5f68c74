import t from 'tap'
import { createLedger, type LedgerEntry } from '../../src/session/ledger.ts'
import type { Provenance } from '../../src/session/session.ts'
import { textDigest } from '../../src/session/token-identity.ts'

const now = 1_800_000_000

function entry(text: string, { expiresAt = now + 900, ...known }: Partial<Provenance & LedgerEntry> = {}): LedgerEntry {
  const nothing = { useCase: undefined, scopes: undefined, merchantAccount: undefined, parent: undefined }
  return { digest: textDigest(text), expiresAt, provenance: { recordedAt: now, ...nothing, ...known } }
}

t.test('a token on record is found by its exact text', async t => {
  const ledger = createLedger()
  ledger.record(entry('one', { useCase: 'checkout' }))
  t.match(ledger.find('one', now), { provenance: { useCase: 'checkout' } })
  t.equal(ledger.find('One', now), undefined)
  t.equal(ledger.find('one ', now), undefined)
  t.equal(ledger.find('', now), undefined)
})

t.test('a record is there until one second before its end, and gone in the second of its end', async t => {
  const ledger = createLedger()
  ledger.record(entry('one'))
  t.ok(ledger.find('one', now + 899))
  t.ok(ledger.find('one', now + 899.999))
  t.equal(ledger.find('one', now + 900), undefined)
  t.equal(ledger.find('one', now + 901), undefined)
})

t.test('a record that comes again replaces the first, and counts once', async t => {
  const ledger = createLedger()
  ledger.record(entry('one', { scopes: ['orders'] }))
  ledger.record(entry('one', { scopes: ['payments'] }))
  t.equal(ledger.size, 1)
  t.same(ledger.find('one', now)?.provenance.scopes, ['payments'])
})

t.test('records that are over make room before any that is not', async t => {
  const ledger = createLedger({ maxEntries: 2 })
  ledger.record(entry('old', { expiresAt: now + 10 }))
  ledger.record(entry('new'))
  ledger.record(entry('newest', { recordedAt: now + 10 }))
  t.same([ledger.size, ledger.evictions], [2, 0])
  t.ok(ledger.find('new', now + 10))
})

t.test('a full ledger drops the record that came first, and counts it', async t => {
  const ledger = createLedger({ maxEntries: 2 })
  for (const text of ['a', 'b', 'c']) ledger.record(entry(text))
  t.same([ledger.size, ledger.evictions], [2, 1])
  t.equal(ledger.find('a', now), undefined)
  t.ok(ledger.find('b', now))
  ledger.record(entry('b'))
  ledger.record(entry('d'))
  t.ok(ledger.find('b', now), 'one that came again is the newest')
  t.equal(ledger.find('c', now), undefined)
})

t.test('twenty thousand records take no more room than the bound', async t => {
  const ledger = createLedger({ maxEntries: 1000 })
  for (let index = 0; index < 20_000; index++) ledger.record({ ...entry(''), digest: String(index) })
  t.same([ledger.size, ledger.evictions], [1000, 19_000])
})

t.test('entries come out in the order in which they came', async t => {
  const ledger = createLedger()
  const provenance = {
    recordedAt: 1,
    useCase: undefined,
    scopes: undefined,
    merchantAccount: undefined,
    parent: undefined,
  }
  for (const digest of ['a', 'b', 'a']) ledger.record({ digest, expiresAt: 900, provenance })
  t.same(
    [...ledger.entries()].map(entry => entry.digest),
    ['b', 'a'],
  )
})
