import type { Gate } from '../gate/decide.ts'
import type { Denied } from '../gate/decision.ts'
import type { RequestHead, RequestIds } from '../gate/request-head.ts'
import type { Observe } from '../observability/request-story.ts'
import { mostConnections } from './connection-cap.ts'
import type { Front } from './forward-auth-front.ts'

export interface ForwardAuthOptions {
  /** The one whose fields are believed. No other is understood by this listener. */
  readonly front: Front
  /** What Envoy's `path_prefix` puts before the target, such as `/decide`. Default `''`. Other fronts: not used. */
  readonly pathPrefix?: string
  readonly gate: Gate
  /** Told of every decision once. The status is the one that the client gets; 200 where the front forwards. */
  readonly observe: Observe
  /** Told of a fault of our own, whose request is refused with 500. */
  readonly onFault: (error: unknown, requestId: string) => void
  /** Told of every request in which a credential was found that belongs to a server. Default: nobody. */
  readonly onBlockedCredential?: (head: RequestHead, decision: Denied) => void
  readonly nextIds: () => RequestIds
  readonly maxHeaderBytes: number
  /** Whether the gateway is shutting down: answers then end their connection. */
  readonly isDraining: () => boolean
  /** Whether new requests are turned away. Default: never. */
  readonly isOverloaded?: () => boolean
  /** Networks of the front and of proxies before it: nobody else may ask. Default: anybody who reaches the listener. */
  readonly trustedProxies?: readonly string[]
  /** CORS fields for the answer to a request that the gate was not asked about. Default: none. */
  readonly crossOriginFields?: (fields: readonly string[]) => readonly string[]
  /** How long the front may take to read an answer, in milliseconds. Default 30,000. */
  readonly clientTimeoutMs?: number
  /** Default 10,000. */
  readonly maxConnections?: number
}

type Optional =
  | 'pathPrefix'
  | 'onBlockedCredential'
  | 'isOverloaded'
  | 'trustedProxies'
  | 'crossOriginFields'
  | 'clientTimeoutMs'
  | 'maxConnections'

/** What is left out. */
export const forwardAuthDefaults: Required<Pick<ForwardAuthOptions, Optional>> = {
  pathPrefix: '',
  onBlockedCredential() {},
  isOverloaded: () => false,
  trustedProxies: [],
  crossOriginFields: () => [],
  clientTimeoutMs: 30_000,
  maxConnections: mostConnections,
}
