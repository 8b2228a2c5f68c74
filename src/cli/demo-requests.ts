import { seededRefs } from '../simulator/seeded-refs.ts'
import type { Simulator } from '../simulator/simulator.ts'

/** A request to try, and what the gateway answers. */
export interface DemoRequest {
  readonly about: string
  /** Status and, for a refusal, code. */
  readonly expect: string
  /** One line for bash that needs nothing set before. */
  readonly line: string
}

/** What a visitor needs to know of the simulator, as far as requests are made of it. */
export type DemoUpstream = Pick<
  Simulator,
  'clientId' | 'clientSecret' | 'merchantAccount' | 'issueSessionToken' | 'issueAuthenticationToken'
>

/** What issuing needs: the backend's key, and an authentication token that the gateway itself holds. */
export interface DemoIssuing {
  readonly backendKey: string
  readonly ownAuthenticationToken: string
}

const anHourSec = 3600

/**
 * The requests of the demo: two that pass, and one for each kind of refusal.
 *
 * @param gatewayUrl where the gateway listens
 * @param token the session token that the visitor is given
 * @param now seconds since the epoch
 */
export function demoRequests(
  gatewayUrl: string,
  upstream: DemoUpstream,
  token: string,
  now: number,
): readonly DemoRequest[] {
  const merchant = `-H 'Merchant-Account: ${upstream.merchantAccount}'`
  const bearer = (text: string): string => `-H 'Authorization: Bearer ${text}' ${merchant}`
  const curl = (rest: string, options = ''): string => `curl -sS -i ${options}${rest}`
  const order = `${gatewayUrl}/api/orders/${seededRefs.order}/`
  const card = '{"type":"ebt","reusable":true,"card":{"number":"9999411111111111"}}'
  const expired = upstream.issueSessionToken({ format: 'jwt', issuedAt: now - anHourSec })
  const { clientId, clientSecret } = upstream
  return [
    { about: 'read an order', expect: '200', line: curl(`${order} ${bearer(token)}`) },
    {
      about: 'save a test card as a payment method',
      expect: '201',
      line: curl(
        `${gatewayUrl}/api/payment_methods/ ${bearer(token)} -H 'Content-Type: application/json' -d '${card}'`,
      ),
    },
    { about: 'no token', expect: '401 unauthorized', line: curl(`${order} ${merchant}`) },
    {
      about: 'a long-lived authentication token',
      expect: '403 authentication_token_not_allowed',
      line: curl(`${order} ${bearer(upstream.issueAuthenticationToken())}`),
    },
    {
      about: 'client id and secret, at the token endpoint',
      expect: '403 authentication_token_not_allowed',
      line: curl(`${gatewayUrl}/o/token/ -u '${clientId}:${clientSecret}' -d grant_type=client_credentials`),
    },
    {
      about: 'a route that session tokens may not use',
      expect: '403 forbidden',
      line: curl(`${gatewayUrl}/api/sessions/ ${bearer(token)} -H 'Content-Type: application/json' -d '{}'`),
    },
    { about: 'an expired token', expect: '401 expired_session_token', line: curl(`${order} ${bearer(expired)}`) },
    {
      about: 'a target that two parsers read differently',
      expect: '400 invalid_request',
      line: curl(`${gatewayUrl}/api/orders/..%2f..%2fo/token/ ${bearer(token)}`, '--path-as-is '),
    },
  ]
}

/** What operators ask the gateway. The last one ends the session that the requests before it use. */
export function adminRequests(adminUrl: string, adminToken: string): readonly DemoRequest[] {
  const credentials = `-H 'Authorization: Bearer ${adminToken}'`
  return [
    {
      about: 'what the gateway is, what its verification proves, and what it has done',
      expect: '200',
      line: `curl -sS -i ${adminUrl}/status`,
    },
    {
      about: 'end all sessions: from then on the lines above that were let through get 401 invalid_token',
      expect: '200',
      line: `curl -sS -i ${adminUrl}/revocations ${credentials} -H 'Content-Type: application/json' -d '{"all":true}'`,
    },
  ]
}

/** What the merchant's server asks, and what happens when one of the gateway's own credentials leaks. */
export function issuingRequests(
  gatewayUrl: string,
  { backendKey, ownAuthenticationToken }: DemoIssuing,
): readonly DemoRequest[] {
  const json = "-H 'Content-Type: application/json'"
  const issue = (key: string, body: string) =>
    `curl -sS -i ${gatewayUrl}/session_token -H 'Authorization: Bearer ${key}' ${json} -d '${body}'`
  return [
    {
      about: "a session token for the use case balance, as the merchant's server gets it",
      expect: '200',
      line: issue(backendKey, '{"use_case":"balance"}'),
    },
    { about: 'a caller whom nobody knows', expect: '401 invalid_token', line: issue('nobody', '{}') },
    {
      about:
        'an authentication token of the gateway itself, in a client: blocked, told in the log as credential_leaked, revoked and replaced',
      expect: '403 authentication_token_not_allowed',
      line: `curl -sS -i ${gatewayUrl}/api/orders/${seededRefs.order}/ -H 'Authorization: Bearer ${ownAuthenticationToken}'`,
    },
  ]
}
