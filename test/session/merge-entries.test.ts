import t from 'tap'
import type { LedgerEntry } from '../../src/session/ledger.ts'
import { mergeEntries, saySame } from '../../src/session/merge-entries.ts'
import type { Provenance } from '../../src/session/session.ts'

const nothing = { useCase: undefined, scopes: undefined, merchantAccount: undefined, parent: undefined }
const whole: Provenance = {
  recordedAt: 100.5,
  useCase: 'balance',
  scopes: ['orders', 'payments'],
  merchantAccount: 'm',
  parent: 'p',
  customer: 'c',
  isIssuedHere: true,
}

function entry(known: Partial<Provenance> = {}, expiresAt = 900): LedgerEntry {
  return { digest: 'd', expiresAt, provenance: { recordedAt: 200, ...nothing, ...known } }
}

const cases: readonly (readonly [what: string, known: LedgerEntry, coming: LedgerEntry, merged: LedgerEntry])[] = [
  ['what says nothing changes nothing', entry(whole), entry(), entry(whole)],
  ['the same again changes nothing', entry(whole), entry(whole), entry(whole)],
  [
    'what is not known is added, and the earlier time holds',
    entry(),
    entry({ ...whole, recordedAt: 300, isIssuedHere: undefined }),
    entry({ ...whole, recordedAt: 200, isIssuedHere: undefined }),
  ],
  ['that it was issued here goes with the earlier time', entry(), entry(whole), entry(whole)],
  [
    'that it was issued here is not added to an earlier record',
    entry(),
    entry({ recordedAt: 200.001, isIssuedHere: true }),
    entry(),
  ],
  [
    'of two records of one moment the one that was issued here holds',
    entry(),
    entry({ isIssuedHere: true }),
    entry({ isIssuedHere: true }),
  ],
  [
    'scopes are those of both',
    entry({ scopes: ['a', 'b', 'c'] }),
    entry({ scopes: ['d', 'c', 'b'] }),
    entry({ scopes: ['b', 'c'] }),
  ],
  [
    'of scopes that have none in common none is left',
    entry({ scopes: ['a'] }),
    entry({ scopes: [] }),
    entry({ scopes: [] }),
  ],
  ['an earlier end holds', entry({}, 900), entry({}, 899), entry({}, 899)],
  ['a later end does not', entry({}, 900), entry({}, 901), entry({}, 900)],
  ['the first customer stays', entry({ customer: 'c' }), entry({ customer: 'other' }), entry({ customer: 'c' })],
]
for (const [what, known, coming, merged] of cases) {
  t.test(what, async t => {
    const result = mergeEntries(known, coming)
    t.ok(saySame(result.entry, merged), JSON.stringify(result))
    t.notOk('differs' in result)
  })
}

for (const member of ['useCase', 'merchantAccount', 'parent'] as const) {
  t.test(`another ${member} is told, and nothing else of that record is taken up`, async t => {
    const known = entry({ [member]: 'one' })
    const coming = entry({ [member]: 'other', scopes: [], recordedAt: 1 }, 300)
    t.same(mergeEntries(known, coming), { entry: known, differs: member })
  })
}

t.test('records that differ in any member do not say the same', async t => {
  const other = {
    ...whole,
    recordedAt: 1,
    useCase: 'x',
    scopes: ['orders'],
    merchantAccount: 'x',
    parent: 'x',
    customer: 'x',
  }
  t.ok(saySame(entry(whole), entry({ ...whole })))
  for (const [name, value] of Object.entries({ ...other, isIssuedHere: undefined }))
    t.notOk(saySame(entry(whole), entry({ ...whole, [name]: value })), name)
  t.notOk(saySame(entry(whole), entry(whole, 901)))
})
