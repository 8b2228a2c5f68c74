import t from 'tap'
import { checks, denials, edgeDenials, type Reason } from '../../src/gate/reasons.ts'

/** The contract, copied by hand: reason, status, `errors[0].code`, the `error` of the challenge. */
const contract: readonly (readonly [reason: Reason, status: number, code: string, challenge?: string])[] = [
  ['credentials_missing', 401, 'unauthorized', ''],
  ['credentials_malformed', 401, 'invalid_token', 'invalid_token'],
  ['credentials_multiple', 400, 'invalid_request', 'invalid_request'],
  ['authentication_token', 403, 'authentication_token_not_allowed'],
  ['environment_mismatch', 401, 'invalid_token', 'invalid_token'],
  ['token_malformed', 401, 'invalid_token', 'invalid_token'],
  ['token_not_canonical', 401, 'invalid_token', 'invalid_token'],
  ['format_not_accepted', 401, 'invalid_token', 'invalid_token'],
  ['algorithm_not_allowed', 401, 'invalid_token', 'invalid_token'],
  ['signature_invalid', 401, 'invalid_token', 'invalid_token'],
  ['claims_invalid', 401, 'invalid_token', 'invalid_token'],
  ['token_expired', 401, 'expired_session_token', 'invalid_token'],
  ['token_not_yet_valid', 401, 'invalid_token', 'invalid_token'],
  ['lifetime_exceeded', 401, 'invalid_token', 'invalid_token'],
  ['token_unknown', 401, 'invalid_token', 'invalid_token'],
  ['token_revoked', 401, 'invalid_token', 'invalid_token'],
  ['token_rejected_upstream', 401, 'invalid_token', 'invalid_token'],
  ['merchant_account_not_allowed', 403, 'forbidden'],
  ['target_ambiguous', 400, 'invalid_request'],
  ['method_invalid', 400, 'invalid_request'],
  ['field_invalid', 400, 'invalid_request'],
  ['route_not_allowed', 403, 'forbidden'],
  ['scope_insufficient', 403, 'insufficient_scope', 'insufficient_scope'],
  ['body_too_large', 413, 'invalid_request'],
  ['target_too_long', 414, 'invalid_request'],
  ['fields_too_large', 431, 'invalid_request'],
  ['upgrade_not_supported', 400, 'invalid_request'],
  ['rate_limited', 429, 'too_many_requests'],
  ['budget_exhausted', 429, 'too_many_requests'],
  ['upstream_unreachable', 502, 'upstream_unavailable'],
  ['upstream_reset', 502, 'upstream_unavailable'],
  ['upstream_invalid', 502, 'upstream_unavailable'],
  ['upstream_timeout', 504, 'upstream_timeout'],
  ['draining', 503, 'service_unavailable'],
  ['overloaded', 503, 'service_unavailable'],
  ['internal_fault', 500, 'server_error'],
]
for (const [reason, status, code, challenge] of contract) {
  t.test(`${reason} is answered with ${status} ${code}`, async t => {
    t.equal(denials[reason].status, status)
    t.equal(denials[reason].code, code)
    t.equal(denials[reason].challenge, challenge)
  })
}

/** Reasons of `POST /session_token`, which the contract leaves to whoever builds it. */
const issuing: readonly (readonly [Reason, number, string, string?])[] = [
  ['caller_not_accepted', 401, 'invalid_token', 'invalid_token'],
  ['use_case_unknown', 400, 'invalid_request'],
  ['body_invalid', 400, 'invalid_request'],
  ['upstream_credentials_refused', 502, 'upstream_unavailable'],
]
for (const [reason, status, code, challenge] of issuing) {
  t.test(`${reason} is answered with ${status} ${code}`, async t => {
    t.match(denials[reason], { status, code })
    t.equal(denials[reason].challenge, challenge)
  })
}

t.test('the contract names every reason there is, but for those of issuing', async t => {
  t.same(Object.keys(denials).sort(), [...contract, ...issuing].map(([reason]) => reason).sort())
})

t.test('no status is one on which mobile clients repeat a request of their own accord', async t => {
  for (const { status } of [...Object.values(denials), ...Object.values(edgeDenials)]) {
    t.ok(status >= 400 && status !== 408, String(status))
  }
})

t.test('every 401 carries a challenge, and no answer but 400, 401 and 403 does', async t => {
  for (const [reason, { status, challenge }] of Object.entries(denials)) {
    if (status === 401) t.type(challenge, 'string', reason)
    if (challenge !== undefined) t.ok([400, 401, 403].includes(status), reason)
  }
})

t.test('all refusals of a token but its end read alike, so that a guesser learns nothing', async t => {
  const messages = Object.values(denials)
    .filter(({ check, code }) => check === 'token' && code === 'invalid_token')
    .map(({ message, resource }) => `${resource}: ${message}`)
  t.equal(new Set(messages).size, 1)
})

t.test('every denial belongs to a check, has a sentence and one of the three resources', async t => {
  for (const { check, message, resource } of Object.values(denials)) {
    t.ok(checks.includes(check))
    t.match(message, /^[A-Z].+/)
    t.ok(['Session_Token', 'Access_Token', 'Gateway'].includes(resource))
  }
})

for (const [status, code] of [
  [502, 'upstream_unavailable'],
  [503, 'service_unavailable'],
  [504, 'upstream_timeout'],
] as const) {
  t.test(`an error page of the edge with ${status} keeps its status`, async t => {
    t.match(edgeDenials[status], { status, code, resource: 'Gateway' })
  })
}
