/**
 * The one list of fields that do not travel on, for both directions.
 *
 * Hop-by-hop fields concern one connection (RFC 9110 §7.6.1); `Expect` is answered here.
 */
export const hopByHopFields: readonly string[] = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'http2-settings',
]

/** Claims about the client or the target that only a proxy may make. A client that makes them is not believed. */
const proxyFields: readonly string[] = [
  'forwarded',
  'x-forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-method',
  'x-forwarded-path',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-proto',
  'x-forwarded-scheme',
  'x-forwarded-server',
  'x-forwarded-ssl',
  'x-forwarded-uri',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'x-original-host',
  'x-original-method',
  'x-original-uri',
  'x-original-url',
  'x-rewrite-url',
  'x-rewrite-uri',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
]

/** Families of the above: every name that begins so is removed as well. */
const proxyPrefixes: readonly string[] = ['x-forwarded-', 'x-original-', 'x-rewrite-']

/** Fields that the gateway sets itself; what the client sent under these names is replaced. */
const setFields: readonly string[] = ['host', 'x-request-id', 'traceparent']

/** Request fields, in lower case, that never reach the upstream as the client sent them. */
export const removedRequestFields: ReadonlySet<string> = new Set([
  ...hopByHopFields,
  ...proxyFields,
  ...setFields,
  'cookie',
])

/** Whether a request field, its name in lower case, is removed. */
export function isRemovedFromRequest(name: string): boolean {
  return (
    removedRequestFields.has(name) || (name.startsWith('x-') && proxyPrefixes.some(prefix => name.startsWith(prefix)))
  )
}

/**
 * Fields that `Connection` may not nominate for removal: a client that could would strip what the decision rests on,
 * or what the gateway adds.
 */
export function isProtected(name: string): boolean {
  return (
    name === 'authorization' ||
    name === 'content-length' ||
    name === 'merchant-account' ||
    name === 'idempotency-key' ||
    setFields.includes(name) ||
    proxyFields.includes(name) ||
    proxyPrefixes.some(prefix => name.startsWith(prefix))
  )
}
