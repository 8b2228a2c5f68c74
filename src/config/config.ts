import type { Environment } from '../forage/environments.ts'
import type { Policy } from '../gate/policy.ts'
import type { KeyMaterial, SessionSettings } from '../session/session-settings.ts'

/** A configuration that was read, checked and completed: no default is left open, no secret unread. */
export interface Config {
  readonly environment: Environment
  readonly listen: ListenConfig
  readonly upstream: UpstreamConfig
  /** Null: no admin listener. */
  readonly admin: AdminConfig | null
  readonly session: SessionConfig
  readonly policy: Policy
  /** Merchants that may pass, each by the spellings of its `Merchant-Account`; none: any. */
  readonly merchantAccounts: readonly (readonly string[])[]
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

/** The listener for operators; its state-changing calls need the token. */
export interface AdminConfig extends ListenConfig {
  /** Undefined: nothing can be changed over it. */
  readonly token: Uint8Array | undefined
}

export interface SessionConfig extends SessionSettings {
  readonly keys: KeyMaterial
  /** Absolute paths of the files that `keys` came from. */
  readonly keyFiles: readonly string[]
  /** Reads the key material again. Throws ConfigError when it is not fit to be used. */
  readonly readKeys: () => KeyMaterial
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
