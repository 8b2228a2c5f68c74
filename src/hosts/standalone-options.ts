import type { TlsPems } from '../config/config.ts'
import type { Upstream } from '../forwarding/upstream.ts'
import type { Gate } from '../gate/decide.ts'
import type { Allowed, Denied } from '../gate/decision.ts'
import type { RequestHead, RequestIds } from '../gate/request-head.ts'
import type { UpstreamBudget } from '../limits/budget-ticket.ts'
import type { Observe } from '../observability/request-story.ts'
import { createClientAddress, type FindClientAddress } from './client-address.ts'
import { mostConnections } from './connection-cap.ts'
import type { IssueSessionToken } from './issue-visit.ts'

export interface StandaloneOptions {
  readonly gate: Gate
  readonly upstream: Upstream
  /** What may be asked of the upstream. Default: null, any number of requests. */
  readonly budget?: UpstreamBudget | null
  readonly observe: Observe
  /** Told of a fault of our own, whose request is answered with 500. */
  readonly onFault: (error: unknown, requestId: string) => void
  /** Told of the body of every 401 that the upstream answers. */
  readonly onUnauthorized: (decision: Allowed, body: string, clientAddress: string) => void
  /** Told of every request in which a credential was found that belongs to a server. Default: nobody. */
  readonly onBlockedCredential?: (head: RequestHead, decision: Denied) => void
  /** For `POST /session_token`, where the gate lets it in. Default: nothing is issued here. */
  readonly issueSessionToken?: IssueSessionToken
  readonly nextIds: () => RequestIds
  readonly maxHeaderBytes: number
  /** Whether the gateway is shutting down: answers then end their connection. */
  readonly isDraining: () => boolean
  /** Whether new requests are turned away. Asked for each of them. Default: never. */
  readonly isOverloaded?: () => boolean
  /** Default: the peer is the client. */
  readonly findClientAddress?: FindClientAddress
  /** CORS fields for the answer to a request that the gate was not asked about. Default: none. */
  readonly crossOriginFields?: (fields: readonly string[]) => readonly string[]
  /** Default: plain http. */
  readonly tls?: TlsPems | undefined
  /**
   * How long a client may take to read what lies ready for it, or to send a body that waits for a place, in milliseconds.
   * Default 30,000.
   */
  readonly clientTimeoutMs?: number
  /** Most requests that are forwarded while their body is still coming. Default 32. */
  readonly bodyPlaces?: number
  /** Default 10,000. */
  readonly maxConnections?: number
}

type Optional =
  | 'budget'
  | 'onBlockedCredential'
  | 'issueSessionToken'
  | 'isOverloaded'
  | 'findClientAddress'
  | 'crossOriginFields'
  | 'tls'
  | 'clientTimeoutMs'
  | 'bodyPlaces'
  | 'maxConnections'

/** What is left out. */
export const standaloneDefaults: Required<Pick<StandaloneOptions, Optional>> = {
  budget: null,
  onBlockedCredential() {},
  issueSessionToken: async () => ({ reason: 'route_not_allowed' }),
  isOverloaded: () => false,
  findClientAddress: createClientAddress([]),
  crossOriginFields: () => [],
  tls: undefined,
  clientTimeoutMs: 30_000,
  bodyPlaces: 32,
  maxConnections: mostConnections,
}
