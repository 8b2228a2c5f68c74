import type { Logger } from 'pino'
import type { ForageFault } from '../forage/forage-fault.ts'
import type { IssuingEvent } from '../issuing/issuing-event.ts'

type Kind = IssuingEvent['kind']
type Level = 'info' | 'warn' | 'error'

/** How grave each event is, and what it means for whoever is on call. */
const lines: Readonly<Record<Kind, readonly [Level, string]>> = {
  token_obtained: ['info', 'an authentication token was obtained'],
  token_replaced: ['info', 'an authentication token was replaced; its sessions live on'],
  token_retired: ['warn', 'an authentication token was retired, and its sessions with it'],
  token_revoked: ['info', 'an authentication token was revoked at Forage'],
  token_not_revoked: ['error', 'an authentication token could not be revoked at Forage; it is tried again'],
  token_left_behind: ['info', 'an authentication token with live sessions is left to expire at Forage'],
  token_not_obtained: ['error', 'no authentication token could be obtained; it is tried again'],
  session_not_issued: ['warn', 'Forage issued no session token'],
  session_token_unfit: ['error', 'Forage issued a session token that cannot be let in'],
  revocation_not_remembered: [
    'error',
    'there is no room to remember that the sessions of an authentication token are over',
  ],
}

/** Forage knows the client, so nobody is to look for the fault in its id and secret. */
const merchantRefused = 'Forage refuses the merchant account: compare issuing.merchantAccount with its dashboard'

function lineOf(event: IssuingEvent): readonly [Level, string] {
  const [level, message] = lines[event.kind]
  return 'fault' in event && event.fault.fault === 'merchant_refused' ? [level, merchantRefused] : [level, message]
}

/** Undefined members are left out of a line. */
function factsOf({ fault, status, upstreamCode, code }: ForageFault): object {
  return { fault, upstream_status: status, upstream_code: upstreamCode, error_code: code }
}

/** Logs what happens to authentication tokens. The events hold fingerprints and no token. */
export function logIssuingEvent(logger: Logger, event: IssuingEvent): void {
  const [level, message] = lineOf(event)
  const { kind, useCase } = event
  logger[level](
    {
      event: kind,
      use_case: useCase,
      ...('fingerprint' in event && { authentication_token: event.fingerprint }),
      ...('fault' in event && factsOf(event.fault)),
      ...('detail' in event && { detail: event.detail }),
      ...('retryInSec' in event && { retry_in_sec: Math.ceil(event.retryInSec) }),
      ...('cause' in event && { cause: event.cause }),
      ...('reason' in event && { reason: event.reason }),
      ...('hasWorkingToken' in event && { has_working_token: event.hasWorkingToken }),
      ...('expiresAt' in event && { expires_at: new Date(event.expiresAt * 1000).toISOString() }),
    },
    message,
  )
}
