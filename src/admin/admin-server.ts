import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { errorEnvelope } from '../forage/error-envelope.ts'
import { envelopePath } from '../gate/envelope-path.ts'
import { type AdminAnswer, AdminRefusal, type AdminRoute } from './admin-call.ts'
import { refusalFields, writtenAnswer } from './admin-fields.ts'
import { type AdminRate, createAdminRate } from './admin-rate.ts'
import { authorize, refuseBrowsersOfOthers, requireJsonOfBrowsers } from './authorize.ts'
import { readJsonBody } from './read-json-body.ts'

export interface AdminOptions {
  /** Address that it listens on. */
  readonly host: string
  /** Token that every change needs now; undefined: nothing may be changed. */
  readonly token: () => Uint8Array | undefined
  readonly routes: readonly AdminRoute[]
  /** Told of a fault of our own. */
  readonly onFault: (error: unknown) => void
  /** Told of each call that needs the token, and of each that was refused. Default: nobody. */
  readonly onCall?: (call: AuditedCall) => void
  /** How often one address may use the token, or guess it. Default: as `createAdminRate` says. */
  readonly rate?: AdminRate
}

/** A call that somebody may have to answer for. */
export interface AuditedCall {
  readonly method: string
  /** Path of a route that there is; undefined for any other. */
  readonly route: string | undefined
  readonly status: number
  /** Code of the refusal; undefined: it was done. */
  readonly refusal: string | undefined
  readonly peerAddress: string
}

/** The listener for operators and their programs. Never the one that clients reach. */
export function createAdminServer(options: AdminOptions): Server {
  const { onCall = () => {}, rate = createAdminRate() } = options

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').replace(/\?.*$/s, '')
    try {
      refuseBrowsersOfOthers(request, options.host)
      const route = findRoute(options.routes, request.method, path)
      if (route.isProtected) letIn(request)
      const body = route.method === 'POST' ? await readBody(request) : undefined
      const answered = await route.answer({ request, body })
      write(response, answered)
      if (route.isProtected) tell(request, path, answered)
    } catch (error) {
      // Not the request: one whose body was read to its end is destroyed too.
      if (response.headersSent || response.destroyed) return
      const refusal = error instanceof AdminRefusal ? error : fault(error)
      writeRefusal(response, path, refusal)
      tell(request, path, refusal)
    }
  }

  /** @throws AdminRefusal */
  function letIn(request: IncomingMessage): void {
    const address = request.socket.remoteAddress ?? ''
    rate.admit(address)
    try {
      authorize(request, options.token())
    } catch (error) {
      if (error instanceof AdminRefusal && error.status === 401) rate.noteFailure(address)
      throw error
    }
  }

  function tell({ method = '', socket }: IncomingMessage, path: string, how: { status: number; code?: string }): void {
    const route = options.routes.some(each => each.path === path) ? path : undefined
    onCall({ method, route, status: how.status, refusal: how.code, peerAddress: socket.remoteAddress ?? '' })
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

function readBody(request: IncomingMessage): Promise<unknown> {
  requireJsonOfBrowsers(request)
  return readJsonBody(request)
}

function write(response: ServerResponse, answer: AdminAnswer): void {
  const { text, fields } = writtenAnswer(answer)
  response.writeHead(answer.status, fields).end(text)
}

function writeRefusal(response: ServerResponse, path: string, refusal: AdminRefusal): void {
  const { code, message } = refusal
  const text = errorEnvelope(envelopePath(path).slice(0, 256), { code, message, resource: 'Gateway' })
  response.writeHead(refusal.status, refusalFields(text, refusal)).end(text)
}
