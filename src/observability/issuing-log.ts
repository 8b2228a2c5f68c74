import type { Logger } from 'pino'
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

/** Logs what happens to authentication tokens. The events hold fingerprints and no token. */
export function logIssuingEvent(logger: Logger, event: IssuingEvent): void {
  const [level, message] = lines[event.kind]
  const { kind, useCase } = event
  logger[level](
    {
      event: kind,
      use_case: useCase,
      ...('fingerprint' in event && { authentication_token: event.fingerprint }),
      ...('fault' in event && { fault: event.fault.fault }),
      ...('retryInSec' in event && { retry_in_sec: Math.ceil(event.retryInSec) }),
      ...('cause' in event && { cause: event.cause }),
      ...('reason' in event && { reason: event.reason }),
      ...('hasWorkingToken' in event && { has_working_token: event.hasWorkingToken }),
      ...('expiresAt' in event && { expires_at: new Date(event.expiresAt * 1000).toISOString() }),
    },
    message,
  )
}
