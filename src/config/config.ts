import type { Environment } from '../forage/environments.ts'
import type { Policy } from '../gate/policy.ts'
import type { JwtAlgorithm } from '../session/algorithms.ts'
import type { KeyMaterial, SessionSettings } from '../session/session-settings.ts'
import type { RedisAddress } from '../state/redis-address.ts'
import type { FileSnapshot } from './file-snapshot.ts'

/** A configuration that was read, checked and completed: no default is left open, no secret unread. */
export interface Config {
  /** Absent: it was read from no file, and cannot be read again. */
  readonly source?: ConfigSource
  readonly environment: Environment
  readonly listen: ListenConfig
  readonly upstream: UpstreamConfig
  /** Processes that share the port. */
  readonly workers: number
  /** Null: no admin listener. */
  readonly admin: AdminConfig | null
  readonly session: SessionConfig
  /** With the routes that are reported instead of enforced. */
  readonly policy: Policy
  /** Merchants that may pass, each by the spellings of its `Merchant-Account`; none: any. */
  readonly merchantAccounts: readonly (readonly string[])[]
  /** Null: no session tokens are issued here. */
  readonly issuing: IssuingConfig | null
  readonly limits: LimitsConfig
  readonly state: StateConfig
  readonly cors: { readonly origins: readonly string[] }
  readonly log: LogConfig
  /** Null: no audit trail. */
  readonly audit: AuditConfig | null
  /** Null: no traces are sent anywhere. */
  readonly tracing: TracingConfig | null
  /** Null: no external authorizer. */
  readonly forwardAuth: ForwardAuthConfig | null
  /** How long connections are still accepted once the gateway is told to stop, in milliseconds. Absent: 0. */
  readonly lameDuckMs?: number
  /** How long requests in flight may take to finish after that, in milliseconds. */
  readonly drainTimeoutMs: number
}

/** Where a configuration was read. */
export interface ConfigSource {
  /** Absolute path. */
  readonly file: string
  /** It and everything it names, as it was then. */
  readonly snapshot: FileSnapshot
  /** Reads the files as they are now. Throws ConfigError when they are not fit to be used. */
  readonly readAgain: () => Config
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
  readonly tls?: TlsPems
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

export interface UpstreamConfig {
  /** Origin of the Payments API, such as `https://api.sandbox.joinforage.app`. */
  readonly api: string
  /** Origin of the vault, which routes under `/proxy/` go to. Absent: none. */
  readonly vault?: string
  /** Connections per process. */
  readonly connections: number
  /** Addresses of this machine that requests leave from. Empty: the system's choice. */
  readonly localAddresses: readonly string[]
  /** What the upstream takes from each of them. Null: any number. */
  readonly budget: BudgetConfig | null
  readonly connectTimeoutMs: number
  readonly headersTimeoutMs: number
  readonly bodyTimeoutMs: number
  /** Absent: the public authorities, and no certificate of our own. */
  readonly tls?: UpstreamTlsConfig
}

/** Forage's limit per address, and how long a request may wait for its turn. */
export interface BudgetConfig extends RateConfig {
  readonly maxWaitMs: number
}

/** So many requests in so many seconds. */
export interface RateConfig {
  readonly requests: number
  readonly windowSec: number
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
}

/** Where session tokens are obtained for whom. */
export interface IssuingConfig {
  /** `Merchant-Account` that Forage is asked with. */
  readonly merchantAccount: string
  readonly authenticationTokens: {
    /** Life to ask for, in seconds: 86,400 to 2,592,000. */
    readonly lifetimeSec: number
    /** How long before its end a token is replaced, in seconds. At least an hour is left of its life. */
    readonly renewBeforeSec: number
    /** One or more, separated by spaces. */
    readonly oauthScope: string
  }
  /** One authentication token each. At least one; the first is the default. */
  readonly useCases: readonly string[]
  /** How customers of the merchant show who they are; null: they do not ask here themselves. */
  readonly signIn: SignInConfig | null
  readonly onLeakedAuthenticationToken: 'alert' | 'revoke'
  /** How often one customer may ask; null: no limit. */
  readonly perCaller: { readonly requests: number; readonly windowSec: number } | null
  readonly secrets: IssuingSecrets
}

/** Tokens of the merchant's own sign-in. */
export interface SignInConfig {
  /** Where its keys are published. */
  readonly jwksUrl: string
  /** None of them symmetric. */
  readonly algorithms: readonly JwtAlgorithm[]
  /** Required value of `iss`. */
  readonly issuer: string
  /** Value that `aud` is or holds. */
  readonly audience: string
  /** Claim that names the customer. */
  readonly customerClaim: string
}

export interface IssuingSecrets {
  /** The merchant's OAuth client. */
  readonly clientId: string
  readonly clientSecret: string
  /** Keys of the merchant's server; each is live. */
  readonly backendKeys: readonly string[]
}

export interface LimitsConfig {
  /** Octets; null: none. */
  readonly maxBodyBytes: number | null
  /** Octets of all field lines of a request. */
  readonly maxHeaderBytes: number
  /** Requests of one session. Null: any number. */
  readonly perSession: RateConfig | null
  /** Requests of one client address. Null: any number. */
  readonly perAddress: RateConfig | null
  /** Refusals of one client address. Null: any number. */
  readonly denialsPerAddress: RateConfig | null
}

/** State that replicas share. */
export interface StateConfig {
  /** Keeps gateways apart that share a Redis and an environment. */
  readonly namespace: string
  /** Null: state stays in this process. */
  readonly redis: RedisConfig | null
}

export interface RedisConfig {
  readonly address: RedisAddress
  /** In place of the one in the address. */
  readonly password?: string
  /** PEM. Absent: the public authorities. */
  readonly ca?: string
  /** 32 octets. Absent: what is on record is not encrypted. */
  readonly sealingKey?: Uint8Array
}

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** Whose names the fields of a log line have. */
export const logFormats = ['plain', 'ecs', 'gcp', 'datadog'] as const
export type LogFormat = (typeof logFormats)[number]

export interface LogConfig {
  readonly level: (typeof logLevels)[number]
  /** `stdout`, `stderr`, or an absolute path. */
  readonly destination: string
  readonly format: LogFormat
  /** Google Cloud project that traces belong to. */
  readonly gcpProject?: string
  /** Share of the requests that were allowed and went well that are logged, 0 to 1. */
  readonly sampleSuccesses: number
  /** 32 octets. Absent: fingerprints hold for this start of the gateway only. */
  readonly fingerprintKey?: Uint8Array
}

export interface AuditConfig {
  /** `stdout`, `stderr`, or an absolute path. */
  readonly destination: string
  /** 32 octets. Absent: the chain is not keyed. */
  readonly key?: Uint8Array
}

export interface TracingConfig {
  /** Base URL of an OTLP/HTTP receiver. */
  readonly otlpEndpoint: string
  /** Fields that the receiver wants. */
  readonly headers: Readonly<Record<string, string>>
  /** Share of the traces begun here that are sent, 0 to 1. */
  readonly sampleRatio: number
  /** Whether a trace that the client began is sent exactly if the client sends its own. */
  readonly trustClientSampling: boolean
  readonly serviceName: string
}

/** Gateways that can ask for a decision. */
export const fronts = ['caddy', 'traefik', 'nginx', 'envoy'] as const
export type Front = (typeof fronts)[number]

/** The listener of the external authorizer. */
export interface ForwardAuthConfig extends AddressConfig {
  /** Whose way of telling the original request is understood. */
  readonly front: Front
}
