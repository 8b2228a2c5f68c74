import { isIPv4 } from 'node:net'
import type { Environment } from '../forage/environments.ts'
import { DeterministicSource } from './deterministic-source.ts'
import type { RateLimit } from './rate-limiter.ts'
import type { SessionTokenFormat } from './session-token.ts'

/** How a simulator is started. */
export interface SimulatorOptions {
  /** Prefix of every token. Default `mock`. */
  readonly environment?: Environment
  /** A loopback address or `localhost`; anything else is refused. Default `127.0.0.1`. */
  readonly host?: string
  /** Default 0: any free port. */
  readonly port?: number
  /** Refs, tokens, everything random is derived from it: same seed and same requests, same answers. Default `forage`. */
  readonly seed?: string
  /** Seconds since the epoch, may be fractional. Every expiry uses it. Default: the system clock. */
  readonly now?: () => number
  /** Format that `POST /api/session_token/` answers. Default `timestamped`, as all recent samples. Both are accepted. */
  readonly sessionTokenFormat?: SessionTokenFormat
  /** Key that signs session tokens. Default: derived from the seed. */
  readonly sessionTokenSecret?: string
  readonly clientId?: string
  readonly clientSecret?: string
  /** The one merchant of the simulated account. Default `123ab45c67`. */
  readonly merchantAccount?: string
  /** Requests per client address in a sliding window. Default 900 in 300 seconds; null: no limit. */
  readonly rateLimit?: RateLimit | null
}

/** The options with every default filled in. */
export type ResolvedOptions = Required<SimulatorOptions>

/** @throws TypeError for a host that is not loopback: faults can be set without credentials */
export function resolveOptions(options: SimulatorOptions): ResolvedOptions {
  const seed = options.seed ?? 'forage'
  const source = new DeterministicSource(seed)
  const resolved: ResolvedOptions = {
    environment: options.environment ?? 'mock',
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    seed,
    now: options.now ?? (() => Date.now() / 1000),
    sessionTokenFormat: options.sessionTokenFormat ?? 'timestamped',
    sessionTokenSecret: options.sessionTokenSecret ?? source.alphanumeric('session-token-secret', 48),
    clientId: options.clientId ?? source.alphanumeric('client-id', 40),
    clientSecret: options.clientSecret ?? source.alphanumeric('client-secret', 128),
    merchantAccount: options.merchantAccount ?? '123ab45c67',
    rateLimit: options.rateLimit === undefined ? { requests: 900, windowSec: 300 } : options.rateLimit,
  }
  if (!isLoopback(resolved.host)) {
    throw new TypeError(`host: ${resolved.host} is not a loopback address; the simulator answers this machine only`)
  }
  return resolved
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}
