import type { IssuingEvent } from '../issuing/issuing-event.ts'
import type { Leak } from '../issuing/leaks.ts'
import type { AuditEvent } from './audit-event.ts'
import { versionOnly } from './sdk-version.ts'

/** Makes an event of what happened to the authentication tokens. @param time seconds since the epoch */
export function auditOfIssuing(event: IssuingEvent, time: number): AuditEvent {
  const { kind, useCase } = event
  return {
    event: kind,
    time,
    useCase,
    ...('fingerprint' in event && { authenticationToken: event.fingerprint }),
    ...('cause' in event && { cause: event.cause }),
    ...('reason' in event && { reason: event.reason }),
    ...('fault' in event && { fault: event.fault.fault }),
    ...('retryInSec' in event && { retryInSec: Math.ceil(event.retryInSec) }),
    ...('hasWorkingToken' in event && { hasWorkingToken: event.hasWorkingToken }),
    ...('expiresAt' in event && { expiresAt: new Date(event.expiresAt * 1000).toISOString() }),
  }
}

/** The request in which a credential came. */
export interface LeakingRequest {
  readonly requestId: string
  readonly clientAddress: string
  readonly sdkVersion: string | undefined
}

/** Makes an event of a credential of the gateway's own in a client's hands. @param time seconds since the epoch */
export function auditOfLeak(leak: Leak, request: LeakingRequest, time: number): AuditEvent {
  const { kind, fingerprint, useCase } = leak
  const { requestId, clientAddress, sdkVersion } = request
  return {
    event: 'authentication_token_leaked',
    time,
    credential: kind,
    fingerprint,
    useCase,
    requestId,
    clientAddress,
    sdkVersion: versionOnly(sdkVersion),
  }
}
