import t from 'tap'
import { readLedgerRecord, writeLedgerRecord } from '../../src/state/ledger-record.ts'
import { aDigest, aLedgerEntry } from '../fixtures/redis-state.ts'

const entry = aLedgerEntry()
const { digest } = entry
const record = JSON.parse(writeLedgerRecord(entry)) as Readonly<Record<string, unknown>>
const changed = (changes: object) => readLedgerRecord(JSON.stringify({ ...record, ...changes }), digest)

t.test('an entry is read as it was written', async t => {
  t.same(readLedgerRecord(writeLedgerRecord(entry), digest), entry)
  t.same(changed({}), entry)
})

t.test('who it was issued to, and that a replica issued it, is read as it was written', async t => {
  const provenance = { ...entry.provenance, customer: 'a-hash', isIssuedHere: true }
  const issued = { ...entry, provenance }
  t.same(readLedgerRecord(writeLedgerRecord(issued), digest), issued)
})

t.test('members that nobody knows are not taken over', async t => {
  t.same(changed({ more: 'scopes' }), entry)
})

for (const [what, changes] of [
  ['another version', { v: 2 }],
  ['another token', { digest: aDigest() }],
  ['no end', { expiresAt: undefined }],
  ['an end that is text', { expiresAt: '1800000000' }],
  ['an end beyond all time', { expiresAt: 1e300 }],
  ['an end before all time', { expiresAt: -1 }],
  ['no time of recording', { recordedAt: null }],
  ['a use case that is no text', { useCase: 7 }],
  ['an empty use case', { useCase: '' }],
  ['a use case of 257 letters', { useCase: 'x'.repeat(257) }],
  ['scopes that are no list', { scopes: 'payments' }],
  ['scopes that are null', { scopes: null }],
  ['scopes that are no texts', { scopes: [1] }],
  ['257 scopes', { scopes: Array.from({ length: 257 }, () => 'payments') }],
  ['a merchant account that is a list', { merchantAccount: ['a'] }],
  ['a parent that is no digest', { parent: 'sandbox_abc' }],
  ['a customer that is no text', { customer: 7 }],
  ['a word on who issued it that is not yes', { isIssuedHere: 'true' }],
] as const) {
  t.test(`an entry with ${what} is none`, async t => {
    t.equal(changed(changes), undefined)
  })
}

for (const text of ['', 'null', '7', '"text"', '[]', '{', '{"v":1}']) {
  t.test(`the text ${text || '""'} is no entry`, async t => {
    t.equal(readLedgerRecord(text, digest), undefined)
  })
}

t.test('a parent that is no digest is never written', async t => {
  const provenance = { ...entry.provenance, parent: 'sandbox_abc' }
  t.throws(() => writeLedgerRecord({ ...entry, provenance }), TypeError)
})
