import type { Environment } from '../forage/environments.ts'
import type { Policy } from '../gate/policy.ts'
import type { TokenFormat } from '../session/session.ts'

/** A configuration that was read, checked and completed: no default is left open, no secret unread. */
export interface Config {
  readonly environment: Environment
  readonly listen: ListenConfig
  readonly upstream: UpstreamConfig
  readonly session: SessionConfig
  readonly policy: Policy
  /** `Merchant-Account` values that may pass; none: any. */
  readonly merchantAccounts: readonly string[]
  readonly limits: LimitsConfig
  readonly cors: { readonly origins: readonly string[] }
  readonly log: LogConfig
  /** How long requests in flight may take to finish once the gateway is told to stop, in milliseconds. */
  readonly drainTimeoutMs: number
}

export interface ListenConfig {
  readonly host: string
  /** 0: a free one. */
  readonly port: number
}

export interface UpstreamConfig {
  /** Origin of the Payments API, such as `https://api.sandbox.joinforage.app`. */
  readonly api: string
  /** Connections per process. */
  readonly connections: number
  readonly connectTimeoutMs: number
  readonly headersTimeoutMs: number
  readonly bodyTimeoutMs: number
}

export interface SessionConfig {
  readonly verify: 'signature'
  readonly formats: readonly TokenFormat[]
  readonly jwt: { readonly algorithms: readonly 'HS256'[]; readonly secret: Uint8Array }
  readonly maxLifetimeSec: number
  readonly clockToleranceSec: number
}

export interface LimitsConfig {
  /** Octets; null: none. */
  readonly maxBodyBytes: number | null
  /** Octets of all field lines of a request. */
  readonly maxHeaderBytes: number
}

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

export interface LogConfig {
  readonly level: (typeof logLevels)[number]
  /** `stdout`, `stderr`, or an absolute path. */
  readonly destination: string
}
