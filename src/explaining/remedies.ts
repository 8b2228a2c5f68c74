import { maxTargetLength } from '../gate/decide.ts'
import type { Decision } from '../gate/decision.ts'
import { createMerchantPin } from '../gate/merchant-account.ts'
import { neverRouteOpenedBy } from '../gate/never-routes.ts'
import type { Reason } from '../gate/reasons.ts'
import type { RequestHead } from '../gate/request-head.ts'
import { pathOf } from '../gate/target.ts'
import type { ExplainedConfig, Findings } from './explanation.ts'
import { scopeRemedies } from './scope-remedies.ts'

export interface RemedyContext {
  readonly head: RequestHead
  readonly decision: Decision
  readonly config: ExplainedConfig
}

type Remedies = (findings: Findings, context: RemedyContext) => readonly string[]

/**
 * What would change the verdict: what to send, what to write into the configuration, or whom to ask. Of a request that is
 * let through and reported: what has to be done before the policy is enforced.
 */
export function remediesFor(findings: Findings, context: RemedyContext): readonly string[] {
  const reason = findings.reason ?? findings.wouldDeny
  if (reason === null) return []
  const remedies = table[reason] ?? []
  return typeof remedies === 'function' ? remedies(findings, context) : remedies
}

/** Of the reasons that the gate has. The others are none of a decision's. */
const table: Readonly<Partial<Record<Reason, readonly string[] | Remedies>>> = {
  credentials_missing: (_findings, { head, decision }) => [
    'send the session token as "Authorization: Bearer <session token>"',
    ...(head.method === 'OPTIONS' && decision.facts.preflightMethod !== undefined
      ? ['for a preflight: list its Origin, letter by letter, under cors.origins']
      : []),
  ],
  credentials_malformed: [
    'write it as "Authorization: Bearer <session token>": one space, one token, nothing after it',
  ],
  credentials_multiple: [
    'send the session token in one Authorization field only; take credentials out of the query, cookies and other fields',
  ],
  authentication_token: [
    'send a session token in place of the long-lived one; client id and secret stay with the merchant server',
    'an app that has a long-lived token has leaked it: revoke it with Forage',
  ],
  environment_mismatch: (_findings, { config: { environment } }) => [
    `a token of this environment: it begins with "${environment}_"`,
  ],
  token_malformed: ['the whole session token as it was issued: the environment, "_" and three parts between dots'],
  token_not_canonical: ['the token letter by letter as it was issued: not padded, trimmed, decoded or encoded again'],
  format_not_accepted: (_findings, { config: { session } }) => [
    `list the format under session.formats${session.verify === 'signature' ? ', with a key for it' : ''}`,
  ],
  algorithm_not_allowed: (_findings, { config: { session } }) => [
    session.verify === 'signature'
      ? 'list the algorithm under session.jwt.algorithms, with a key of its kind, if the issuer means to use it'
      : 'a token whose header names an algorithm that JWTs have; "none" is never let in',
  ],
  signature_invalid: ['a token that the configured key signed; or the key that signed this one, under session'],
  claims_invalid: [
    'a token whose exp, iat and nbf are whole seconds, and whose iss, aud and scope claim are as configured',
  ],
  token_expired: ['a token that has not expired: ask for a new one'],
  token_not_yet_valid: [
    'wait for its nbf or iat; clocks that are further apart than session.clockToleranceSec need care',
  ],
  lifetime_exceeded: (_findings, { config: { session } }) => [
    `a token that lives for ${session.maxLifetimeSec} seconds at most (session.maxLifetimeSec)`,
  ],
  token_unknown: ['put the token on record: POST /tokens on the admin listener, or have the gateway issue it'],
  token_revoked: ['a token of a new session: what is revoked stays so'],
  token_rejected_upstream: ['a new token: Forage has refused this one'],
  merchant_account_not_allowed: merchantRemedies,
  target_ambiguous: [
    'a path of plain segments: no "." or "..", no "//", no ";" or "\\", nothing percent-encoded',
    'a query in which nothing is encoded twice, no control character and no backslash',
  ],
  method_invalid: ['a method of letters, such as GET'],
  field_invalid: [
    'one Host field, each field well formed, no "_" in a name, and no field twice that has one meaning only',
  ],
  route_not_allowed: routeRemedies,
  scope_insufficient: ({ scope }, { decision, config: { policy } }) =>
    scope !== null && 'session' in decision && decision.session ? scopeRemedies(scope, decision.session, policy) : [],
  body_too_large: (_findings, { config: { limits } }) => [
    `a body of ${limits.maxBodyBytes} octets at most, or a larger limits.maxBodyBytes`,
  ],
  target_too_long: [`a target of ${maxTargetLength} characters at most`],
  fields_too_large: (_findings, { config: { limits } }) => [
    `fewer fields: ${limits.maxHeaderBytes} octets (limits.maxHeaderBytes) and 128 lines at most`,
  ],
  upgrade_not_supported: ['a plain request: no CONNECT, no TRACE, no Upgrade field'],
  rate_limited: ['ask again later, or raise the limit that is used up'],
  overloaded: ['ask again later: what decides about this token cannot be had now (shared state, or published keys)'],
}

function routeRemedies({ nearest }: Findings, { head }: RemedyContext): readonly string[] {
  const segments = pathOf(head.target)
    .replace(/^\/|\/$/g, '')
    .split('/')
  const never = neverRouteOpenedBy({ method: head.method.toUpperCase(), template: '', segments })
  if (never) return [`nothing: no policy can open ${never} to session tokens; the merchant server calls it`]
  return [
    ...(nearest ? [`ask for ${nearest.route}`] : []),
    'list its method and path under a scope of the policy file, if session tokens shall reach it',
  ]
}

function merchantRemedies(_findings: Findings, { decision, config }: RemedyContext): readonly string[] {
  const pin = createMerchantPin(config.merchantAccounts)
  const { merchantAccount } = decision.facts
  const own = 'session' in decision ? decision.session?.provenance?.merchantAccount : undefined
  const remedies: string[] = []
  if (!pin.isAllowed(merchantAccount)) remedies.push('list this Merchant-Account under merchantAccounts')
  if (own !== undefined && !pin.isSame(merchantAccount, own))
    remedies.push('send the Merchant-Account that the token was registered or issued for')
  return remedies.length > 0 ? remedies : ['send issuing.merchantAccount, or no Merchant-Account']
}
