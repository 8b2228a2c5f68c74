import type { Logger } from 'pino'
import type { Config, IssuingSecrets } from '../config/config.ts'
import { createOwnCredentials } from '../gate/own-credentials.ts'
import type { StandaloneOptions } from '../hosts/standalone-options.ts'
import type { GateParts } from './gate.ts'
import { callersOf, createOwnIssuance, createTokenEndpoint, type Issuance, type OwnIssuance } from './issuing.ts'
import { blockedRequestOf } from './leaks.ts'
import type { clientLimitsOf } from './limits.ts'
import { type GatewayState, settling } from './state.ts'

/** What issues session tokens. */
export interface IssuingMachine {
  /** Null: another process obtains them. */
  readonly own: OwnIssuance | null
  /** Replaces the merchant's OAuth client and the keys of its server. */
  useSecrets(secrets: IssuingSecrets): void
}

export function ownIssuanceOf(config: Config, parts: Parameters<typeof createOwnIssuance>[2]): OwnIssuance | null {
  return config.issuing && createOwnIssuance(config, config.issuing, parts)
}

export interface IssuingParts {
  readonly issuance: Issuance | null
  readonly own: OwnIssuance | null
  readonly state: GatewayState
  readonly limits: ReturnType<typeof clientLimitsOf>
  readonly logger: Logger
}

/** What issuing adds to the listener and to the gate. */
export interface IssuingAdditions extends IssuingMachine {
  readonly listener: Pick<StandaloneOptions, 'issueSessionToken' | 'onBlockedCredential'>
  readonly gate: Pick<GateParts, 'holdsOwnCredential'>
}

export function issuingOf(
  { issuing, session }: Config,
  { issuance, own, state, limits, logger }: IssuingParts,
): IssuingAdditions | null {
  if (issuing === null || issuance === null) return null
  const callers = callersOf(issuing, session.clockToleranceSec, logger)
  const searched = ({ clientId, clientSecret }: typeof issuing.secrets) =>
    createOwnCredentials([clientId, clientSecret])
  let holds = searched(issuing.secrets)
  return {
    own,
    listener: {
      issueSessionToken: createTokenEndpoint(issuing, { callers, issuance: settling(issuance, state), limits, state }),
      onBlockedCredential: (head, decision) => issuance.noteBlocked(blockedRequestOf(head, decision)),
    },
    gate: { holdsOwnCredential: head => holds(head) },
    useSecrets(secrets) {
      holds = searched(secrets)
      callers.useBackendKeys(secrets.backendKeys)
      own?.useSecrets(secrets)
    },
  }
}
