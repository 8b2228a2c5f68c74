import t from 'tap'
import type { ForageFaultKind } from '../../src/forage/forage-fault.ts'
import { isIssueRefusal, refusalOf } from '../../src/issuing/issue-refusal.ts'

const rows: Readonly<Record<ForageFaultKind, string>> = {
  unreachable: 'upstream_unreachable',
  timeout: 'upstream_timeout',
  throttled: 'budget_exhausted',
  credentials_refused: 'upstream_credentials_refused',
  merchant_refused: 'upstream_credentials_refused',
  token_limit: 'overloaded',
  invalid_answer: 'upstream_invalid',
}
for (const [fault, reason] of Object.entries(rows)) {
  t.test(`the fault ${fault} is the reason ${reason}`, async t => {
    t.same(refusalOf({ fault: fault as ForageFaultKind, mayHaveTakenEffect: true, status: 1 }), { reason })
    const broken = { fault: fault as ForageFaultKind, mayHaveTakenEffect: true, code: 'ECONNRESET' }
    t.same(refusalOf(broken), { reason, errorCode: 'ECONNRESET' })
    const later = { fault: fault as ForageFaultKind, mayHaveTakenEffect: false, retryAfterSec: 3 }
    t.same(refusalOf(later), { reason, retryAfterSec: 3 })
  })
}

t.test('a refusal is told from what was asked for', async t => {
  t.equal(isIssueRefusal({ reason: 'overloaded' }), true)
  t.equal(isIssueRefusal({ token: '' }), false)
})
