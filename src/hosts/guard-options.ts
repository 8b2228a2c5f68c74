import type { Config } from '../config/config.ts'
import type { Gate } from '../gate/decide.ts'
import type { Allowed, Denied } from '../gate/decision.ts'
import type { RequestHead } from '../gate/request-head.ts'
import type { Observe } from '../observability/request-story.ts'
import type { SessionRegistry } from '../session/session-registry.ts'
import { createClientAddress, type FindClientAddress } from './client-address.ts'

/** What every guard can be told besides where its decision comes from. */
export interface GuardEvents {
  /** Told of every request that came to the guard, once, at its end. Must not throw. Default: nobody. */
  readonly observe?: Observe
  /** Told of a fault of the guard's own, whose request is answered with 500. Default: the log of the configuration, or nobody. */
  readonly onFault?: (error: unknown, requestId: string) => void
}

/** A guard that decides as the gateway with the same configuration does. */
export interface ConfiguredGuardOptions extends GuardEvents {
  /**
   * Path of a configuration of the gateway (YAML or JSON), or one that was loaded. Policy, keys, merchants, limits, CORS,
   * log and shared state are used; what concerns listeners, the way to the upstream and issuing is not.
   */
  readonly config: string | Config
}

/** A guard over a gate that is there already. */
export interface GateGuardOptions extends GuardEvents {
  readonly gate: Gate
  /** Longest body in octets, also of one whose length is not announced; null: any. Default 1,048,576. */
  readonly maxBodyBytes?: number | null
  /** Networks whose `X-Forwarded-For` is believed, such as `10.0.0.0/8`. Default: none. */
  readonly trustedProxies?: readonly string[]
}

export type GuardOptions = ConfiguredGuardOptions | GateGuardOptions

/** What a guard is made of. */
export interface GuardParts extends Required<GuardEvents> {
  readonly gate: Gate
  readonly maxBodyBytes: number | null
  readonly findClientAddress: FindClientAddress
  /** CORS fields for the answer to a request that the gate was not asked about. */
  readonly crossOriginFields: (fields: readonly string[]) => readonly string[]
  /** Told of every request in which a credential was found that belongs to a server. */
  readonly onBlockedCredential: (head: RequestHead, decision: Denied) => void
  /** Told of the body of every 401 that the upstream answers, where the guard sees it. */
  readonly onUnauthorized: (decision: Allowed, body: string, clientAddress: string) => void
  /** Null: whoever made the gate has it. */
  readonly sessions: SessionRegistry | null
  close(): Promise<void>
}

const defaultMaxBodyBytes = 1_048_576

/**
 * Puts the parts together. Configuration, log and state are loaded where they are wanted only, so that a guard over a
 * gate of one's own brings none of them along.
 *
 * @throws ConfigError (`ERR_FORAGE_CONFIG`) with every problem of a configuration at once
 */
export async function guardParts(options: GuardOptions): Promise<GuardParts> {
  if ('config' in options) {
    const { configuredParts } = await import('../guard.ts')
    return configuredParts(options)
  }
  const {
    gate,
    maxBodyBytes = defaultMaxBodyBytes,
    trustedProxies = [],
    observe = () => {},
    onFault = () => {},
  } = options
  return {
    gate,
    maxBodyBytes,
    observe,
    onFault,
    findClientAddress: createClientAddress(trustedProxies),
    crossOriginFields: () => [],
    onBlockedCredential() {},
    onUnauthorized() {},
    sessions: null,
    close: async () => {},
  }
}
