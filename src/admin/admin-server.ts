import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { errorEnvelope } from '../forage/error-envelope.ts'
import { envelopePath } from '../gate/envelope-path.ts'
import { type AdminAnswer, AdminRefusal, type AdminRoute } from './admin-call.ts'
import { authorize, refuseBrowsersOfOthers } from './authorize.ts'
import { readJsonBody } from './read-json-body.ts'

export interface AdminOptions {
  /** Address that it listens on. */
  readonly host: string
  /** Token that every change needs; undefined: nothing may be changed. */
  readonly token: Uint8Array | undefined
  readonly routes: readonly AdminRoute[]
  /** Told of a fault of our own. */
  readonly onFault: (error: unknown) => void
}

/** The listener for operators and their programs. Never the one that clients reach. */
export function createAdminServer(options: AdminOptions): Server {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').replace(/\?.*$/s, '')
    try {
      refuseBrowsersOfOthers(request, options.host)
      const route = findRoute(options.routes, request.method, path)
      if (route.isProtected) authorize(request, options.token)
      const body = route.method === 'POST' ? await readJsonBody(request) : undefined
      write(response, await route.answer({ request, body }))
    } catch (error) {
      // Not the request: one whose body was read to its end is destroyed too.
      if (response.headersSent || response.destroyed) return
      writeRefusal(response, path, error instanceof AdminRefusal ? error : fault(error))
    }
  }

  function fault(error: unknown): AdminRefusal {
    options.onFault(error)
    return new AdminRefusal(500, 'server_error', 'The gateway failed to handle this call.')
  }

  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, (request, response) => {
    void answer(request, response)
  })
  server.on('clientError', (_error, socket) => socket.destroy())
  return server
}

function findRoute(routes: readonly AdminRoute[], method: string | undefined, path: string): AdminRoute {
  const ofPath = routes.filter(route => route.path === path)
  const route = ofPath.find(candidate => candidate.method === method)
  if (route) return route
  if (ofPath.length === 0) throw new AdminRefusal(404, 'not_found', 'There is nothing at this path.')
  throw new AdminRefusal(405, 'method_not_allowed', `Use ${ofPath.map(candidate => candidate.method).join(' or ')}.`)
}

function write(response: ServerResponse, { status, body, text }: AdminAnswer): void {
  const octets = text?.text ?? (body === undefined ? '' : `${JSON.stringify(body)}\n`)
  response.writeHead(status, fields(octets, text?.contentType)).end(octets)
}

function writeRefusal(response: ServerResponse, path: string, { status, code, message }: AdminRefusal): void {
  const text = errorEnvelope(envelopePath(path).slice(0, 256), { code, message, resource: 'Gateway' })
  const challenge = status === 401 ? { 'WWW-Authenticate': 'Bearer realm="forage-gateway admin"' } : {}
  // The rest of a body that was not read must not be taken for a next call.
  response.writeHead(status, { ...fields(text), ...challenge, Connection: 'close' }).end(text)
}

function fields(text: string, contentType = 'application/json') {
  return {
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  }
}
