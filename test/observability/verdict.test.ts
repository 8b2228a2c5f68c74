import t from 'tap'
import { verdictOf, wouldDenyOf } from '../../src/observability/verdict.ts'
import { issue, letIn, preflight, refusedAs } from '../fixtures/story.ts'

const allowed = letIn('/api/payments/')

for (const [decision, reason, verdict] of [
  [allowed, undefined, 'allow'],
  [allowed, 'upstream_timeout', 'allow'],
  [allowed, 'body_too_large', 'deny'],
  [allowed, 'internal_fault', 'deny'],
  [refusedAs('token_expired'), 'token_expired', 'deny'],
  [preflight, undefined, 'preflight'],
  [issue, undefined, 'issue'],
  [issue, 'caller_not_accepted', 'deny'],
  [issue, 'upstream_credentials_refused', 'issue'],
  [undefined, 'field_invalid', 'deny'],
] as const) {
  t.test(
    `${decision?.outcome ?? 'a malformed message'} that ended with ${reason ?? 'an answer'}: ${verdict}`,
    async t => {
      t.equal(verdictOf({ decision, reason }), verdict)
    },
  )
}

t.test('only a request that was let in has a denial that was left out', async t => {
  const wouldDeny = 'scope_insufficient'
  t.equal(wouldDenyOf({ decision: { ...allowed, wouldDeny } }), wouldDeny)
  for (const decision of [allowed, refusedAs(wouldDeny), preflight, issue, undefined])
    t.equal(wouldDenyOf({ decision }), undefined)
})
