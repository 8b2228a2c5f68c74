import type { Logger } from 'pino'
import type { IssuingConfig, IssuingSecrets } from '../config/config.ts'
import type { Denied } from '../gate/decision.ts'
import type { RequestHead } from '../gate/request-head.ts'
import type { Issuer } from '../issuing/issuing.ts'
import { createLeakCheck, type Leak } from '../issuing/leaks.ts'
import { auditOfLeak } from '../observability/audit-of-issuing.ts'
import { versionOnly } from '../observability/sdk-version.ts'
import type { RecordAudit } from './audit.ts'

/** A request that was blocked for a credential in it: everything in which one of ours may stand, and whose it was. */
export interface BlockedRequest {
  readonly texts: readonly string[]
  readonly requestId: string
  readonly clientAddress: string
  readonly sdkVersion: string | undefined
}

export function blockedRequestOf(
  { fields, target, ids, clientAddress }: RequestHead,
  { facts }: Denied,
): BlockedRequest {
  const { sdkVersion } = facts
  return { texts: [target, ...fields], requestId: ids.requestId, clientAddress, sdkVersion }
}

export interface TripwireParts {
  readonly issuer: Pick<Issuer, 'useCaseOf' | 'retire'>
  readonly secrets: () => Pick<IssuingSecrets, 'clientId' | 'clientSecret'>
  readonly onLeakedAuthenticationToken: IssuingConfig['onLeakedAuthenticationToken']
  readonly logger: Logger
  readonly record: RecordAudit
  /** Told of each leak, for the counters. */
  readonly onLeak: () => void
}

/**
 * Looks whether a credential that a client sent is one of the gateway's own: then it has leaked, and somebody has to find
 * out from where. A live authentication token is revoked where that is configured. A client id or secret is only told of:
 * to revoke for those would let anybody who knows the id, which is no secret, end all sessions again and again.
 */
export function createTripwire(parts: TripwireParts): (blocked: BlockedRequest) => void {
  const { issuer, secrets, onLeakedAuthenticationToken, logger, record, onLeak } = parts
  const leaks = createLeakCheck({ secrets, useCaseOf: text => issuer.useCaseOf(text) })

  function tell(leak: Leak, blocked: BlockedRequest): void {
    const { kind, fingerprint, useCase } = leak
    const { requestId, clientAddress, sdkVersion } = blocked
    onLeak()
    record(auditOfLeak(leak, blocked, Date.now() / 1000))
    const what = {
      event: 'credential_leaked',
      credential: kind,
      [kind === 'authentication_token' ? 'authentication_token' : 'client']: fingerprint,
      use_case: useCase,
      request_id: requestId,
      client_address: clientAddress,
      sdk_version: versionOnly(sdkVersion),
    }
    logger.error(what, "one of the gateway's own credentials was sent by a client")
  }

  return blocked => {
    for (const leak of leaks.find(blocked.texts)) {
      tell(leak, blocked)
      if (leak.digest === undefined || onLeakedAuthenticationToken !== 'revoke') continue
      // One that is over already hits nothing: whoever sends it again ends no session.
      void issuer.retire({ authenticationToken: leak.digest })
    }
  }
}
