import type { Test } from 'tap'
import { type Certificate, makeCertificate } from '../fixtures/certificate.ts'
import { aPost, aRequest } from '../fixtures/live-token.ts'
import type { FrontPlaces } from '../fixtures/nginx.ts'
import type { FrontProcess } from '../fixtures/nginx-or-caddy.ts'
import { type Answer, exchangeRaw } from '../fixtures/raw-connection.ts'
import type { Recorded, Teardown } from '../fixtures/recorder.ts'
import { anAuthenticationToken } from '../fixtures/token.ts'
import { type Authorizer, startForwardAuth } from '../hosts/forward-auth-server.ts'
import { type FrontUpstream, startFrontUpstream } from './front-upstream.ts'

/** A real proxy between a client, the authorizer and an upstream. */
export interface Fronted {
  readonly front: FrontProcess
  readonly authorizer: Authorizer
  readonly upstream: FrontUpstream
}

export async function startFronted(
  t: Test,
  name: 'nginx' | 'caddy',
  start: (t: Teardown, places: FrontPlaces) => Promise<FrontProcess>,
): Promise<Fronted> {
  const folder = t.testdir()
  const certificate: Certificate = makeCertificate(folder, 'upstream')
  const upstream = await startFrontUpstream(t, certificate)
  const limits = { guessing: () => 0, noteDenial() {}, admit: () => (authorizer.stories.length === 0 ? 7 : 0) }
  const cors = { origins: ['https://shop.example'] }
  const authorizer: Authorizer = await startForwardAuth(t, name, {}, { limits, cors })
  const front = await start(t, { authorizer: authorizer.port, upstream: upstream.port, certificate, folder })
  return { front, authorizer, upstream }
}

export interface Sent {
  readonly answer: Answer
  /** What came to the upstream meanwhile. */
  readonly forwarded: readonly Recorded[]
}

export async function send(t: Test, { front, upstream }: Fronted, message: string, method = 'GET'): Promise<Sent> {
  const before = upstream.requests.length
  const answer = await exchangeRaw(t, front.url, message, method)
  return { answer, forwarded: upstream.requests.slice(before) }
}

/** Name, request, status and code of the refusal. Each is refused by every front, and nothing of it is forwarded. */
export const refused: readonly (readonly [name: string, message: string, status: number, code: string])[] = [
  ['no token', 'GET /api/orders/abc/ HTTP/1.1\r\nHost: a\r\n\r\n', 401, 'unauthorized'],
  ['a malformed token', withToken('Bearer sandbox_a.b.c'), 401, 'invalid_token'],
  ['an authentication token', withToken(`Bearer ${anAuthenticationToken()}`), 403, 'authentication_token_not_allowed'],
  ['another scheme', withToken('Basic YTpi'), 403, 'authentication_token_not_allowed'],
  ['no such route', aRequest({ target: '/o/token/' }), 403, 'forbidden'],
  ['another method', aRequest({ method: 'DELETE' }), 403, 'forbidden'],
  ['issuing', aRequest({ method: 'POST', target: '/session_token', lines: ['Content-Length: 0'] }), 403, 'forbidden'],
  ['two Authorization lines', aRequest({ lines: ['Authorization: Bearer sandbox_a.b.c'] }), 400, 'invalid_request'],
  ['an encoded slash', aRequest({ target: '/api/payments/..%2f' }), 400, 'invalid_request'],
  ['dot segments', aRequest({ target: '/api/orders/../orders/abc/' }), 400, 'invalid_request'],
  ['a dot segment', aRequest({ target: '/api/./orders/abc/' }), 400, 'invalid_request'],
  ['an encoded dot', aRequest({ target: '/api/orders/%2e%2e/abc/' }), 400, 'invalid_request'],
  ['two slashes', aRequest({ target: '/api//orders/abc/' }), 400, 'invalid_request'],
  ['two slashes at the start', aRequest({ target: '//api/orders/abc/' }), 400, 'invalid_request'],
  ['a letter in percent-encoding', aRequest({ target: '/api/orders/%61bc/' }), 400, 'invalid_request'],
  ['a path parameter', aRequest({ target: '/api/orders/abc;x=1/' }), 400, 'invalid_request'],
  ['a backslash', aRequest({ target: '/api/orders/\\abc/' }), 400, 'invalid_request'],
  ['a quote', aRequest({ target: '/api/orders/a"b/' }), 400, 'invalid_request'],
  ['a fragment', aRequest({ target: '/api/orders/abc/#x' }), 400, 'invalid_request'],
  ['an octet beyond ASCII', aRequest({ target: '/api/orders/\u00e9/' }), 400, 'invalid_request'],
  ['a target with a host', aRequest({ target: 'http://gateway.test/api/orders/abc/' }), 400, 'invalid_request'],
  ['a target without a path', aRequest({ target: '*' }), 400, 'invalid_request'],
  ['a long target', aRequest({ target: `/${'a'.repeat(8192)}` }), 414, 'invalid_request'],
  [
    'long fields',
    aRequest({ lines: [`X-A: ${'a'.repeat(9000)}`, `X-B: ${'a'.repeat(9000)}`] }),
    431,
    'invalid_request',
  ],
  ['a name with an underscore', aRequest({ lines: ['X_Key: 1'] }), 400, 'invalid_request'],
  ['an upgrade', aRequest({ lines: ['Connection: Upgrade', 'Upgrade: websocket'] }), 400, 'invalid_request'],
  ['TRACE', aRequest({ method: 'TRACE' }), 400, 'invalid_request'],
  ['CONNECT', aRequest({ method: 'CONNECT', target: 'a:1' }), 400, 'invalid_request'],
  ['a claim of another target', aRequest({ lines: ['X-Rewrite-URL: /api/orders/x/'] }), 400, 'invalid_request'],
  ['a field that no list has', aRequest({ lines: ['X-Forwarded-Foo: 1'] }), 400, 'invalid_request'],
  ['a large body', aPost('x'.repeat(1_048_577)), 413, 'invalid_request'],
]

/** Targets that travel on octet for octet. */
export const forwardedTargets: readonly string[] = [
  '/api/orders/abc/',
  '/api/orders/abc',
  '/api/orders/abc/?',
  '/api/orders/abc/?a=%20b&c&&d=%2F//..&e=$uri',
  '/api/orders/abc/?a=1,2:3@4',
]

function withToken(authorization: string): string {
  return `GET /api/orders/abc/ HTTP/1.1\r\nHost: a\r\nAuthorization: ${authorization}\r\n\r\n`
}

/** Fields of a client that do not come through, in one request. */
export const stopped: readonly string[] = [
  'Cookie: a=b',
  'Forwarded: for=198.51.100.9',
  'X-Forwarded-Port: 1',
  'X-Real-IP: 198.51.100.9',
  'X-HTTP-Method-Override: DELETE',
  'X-Request-Id: of-the-client',
  'tracestate: a=b',
  'TE: trailers',
]

/** Value of the lines of a name that the upstream got. */
export function valuesOf({ fields }: Recorded, name: string): readonly string[] {
  return fields.filter((_, index) => index % 2 === 1 && fields[index - 1]?.toLowerCase() === name.toLowerCase())
}
