/** The proxies that can ask for a decision about each request before they forward it. */
export const fronts = ['nginx', 'caddy', 'traefik', 'envoy'] as const
export type Front = (typeof fronts)[number]

/**
 * By which fields a front tells about the request that it asks for. All names are in lower case. A listener has the
 * contract of one front: behind another one, the same fields may have been written by the client.
 */
export interface FrontContract {
  /** Undefined: the method and target are those of the question itself. */
  readonly method: string | undefined
  readonly target: string | undefined
  /** Undefined: the question has the Host of the request. */
  readonly host: string | undefined
  readonly scheme: string
  readonly address: string
  /** Names under which the front hands over fields that it uses up, and those fields. Empty: there was no such line. */
  readonly restored: ReadonlyMap<string, string>
  /** Fields that are of the question, and say nothing of the request. */
  readonly ofQuestion: ReadonlySet<string>
  /** Whether the query of the question has to be that of the request; otherwise it has to be empty. */
  readonly repeatsQuery: boolean
  /** Whether the front adds to the addresses that the client wrote, so that only the last one is its own. */
  readonly addsAddress: boolean
}

const forwarded = {
  method: 'x-forwarded-method',
  target: 'x-forwarded-uri',
  host: 'x-forwarded-host',
  scheme: 'x-forwarded-proto',
  address: 'x-forwarded-for',
  restored: new Map<string, string>(),
  ofQuestion: new Set(['host']),
  addsAddress: false,
} as const

/** What each front sends. For nginx it is what `deploy/nginx/nginx.conf` makes it send, and Caddy adds a length. */
export const contracts: Readonly<Record<Front, FrontContract>> = {
  nginx: {
    ...forwarded,
    method: 'x-original-method',
    target: 'x-original-uri',
    restored: new Map([
      ['x-original-connection', 'Connection'],
      ['x-original-upgrade', 'Upgrade'],
      ['x-original-content-length', 'Content-Length'],
      ['x-original-transfer-encoding', 'Transfer-Encoding'],
      ['x-original-expect', 'Expect'],
    ]),
    ofQuestion: new Set(['host', 'connection']),
    repeatsQuery: false,
  },
  caddy: {
    ...forwarded,
    restored: new Map([['x-original-content-length', 'Content-Length']]),
    repeatsQuery: true,
  },
  traefik: { ...forwarded, repeatsQuery: false },
  envoy: {
    ...forwarded,
    method: undefined,
    target: undefined,
    host: undefined,
    ofQuestion: new Set(),
    repeatsQuery: false,
    addsAddress: true,
  },
}
