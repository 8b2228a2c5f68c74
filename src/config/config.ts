import type { Environment } from '../forage/environments.ts'
import type { Policy } from '../gate/policy.ts'
import type { KeyMaterial, SessionSettings } from '../session/session-settings.ts'

/** A configuration that was read, checked and completed: no default is left open, no secret unread. */
export interface Config {
  readonly environment: Environment
  readonly listen: ListenConfig
  readonly upstream: UpstreamConfig
  /** Processes that share the port. */
  readonly workers: number
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

/** Where a listener listens. */
export interface AddressConfig {
  readonly host: string
  /** 0: a free one. */
  readonly port: number
}

/** The listener for clients. */
export interface ListenConfig extends AddressConfig {
  /** Absent: plain http. */
  readonly tls?: TlsConfig
  /** Networks whose `X-Forwarded-For` is believed. Absent: none. */
  readonly trustedProxies?: readonly string[]
}

/** A certificate with its chain, its key, and the authority of client certificates, each as PEM. */
export interface TlsPems {
  readonly cert: string
  readonly key: string
  /** Null: clients are not asked for a certificate. */
  readonly clientCa: string | null
}

export interface TlsConfig {
  readonly pems: TlsPems
  /** Absolute paths of the files that `pems` came from. */
  readonly files: readonly string[]
  /** Reads the files again. Throws ConfigError when they are not fit to be used together. */
  readonly readPems: () => TlsPems
}

export interface UpstreamConfig {
  /** Origin of the Payments API, such as `https://api.sandbox.joinforage.app`. */
  readonly api: string
  /** Connections per process. */
  readonly connections: number
  readonly connectTimeoutMs: number
  readonly headersTimeoutMs: number
  readonly bodyTimeoutMs: number
  /** Absent: the public authorities, and no certificate of our own. */
  readonly tls?: UpstreamTlsConfig
}

/** What `https` to the upstream needs beyond the public authorities, each as PEM. */
export interface UpstreamTlsConfig {
  /** Authorities that are trusted in place of the public ones. */
  readonly ca?: string
  readonly clientCert?: string
  readonly clientKey?: string
}

/** The listener for operators; its state-changing calls need the token. */
export interface AdminConfig extends AddressConfig {
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
