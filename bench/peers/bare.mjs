// What is left when everything is left out: Node's server and undici, by the interfaces that the gateway uses, one request
// per connection, the same fields removed and set. No token, no route, no limit, no deadline, no log, no answer to a fault.
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { keepAliveTimeout, settings, tellListening } from './settings.mjs'

// The gateway's own undici, not the one that another peer brings.
const { Client } = createRequire(new URL('../../package.json', import.meta.url))('undici')

const stopHere = new Set(['connection', 'keep-alive', 'transfer-encoding'])
const idle = []
let count = 0

class Handler {
  #response
  #client
  #body

  constructor(response, client) {
    this.#response = response
    this.#client = client
  }

  onRequestStart() {}

  onResponseStart({ rawHeaders }, status, _headers, statusMessage) {
    const fields = travelling(rawHeaders.map(part => part.toString('latin1')))
    this.#response.writeHead(status, statusMessage, [...fields, 'x-request-id', nextId()])
  }

  onResponseData(_controller, chunk) {
    if (this.#body) this.#response.write(this.#body)
    this.#body = chunk
  }

  onResponseEnd() {
    this.#response.end(this.#body?.toString('latin1'), 'latin1')
    idle.push(this.#client)
  }

  onResponseError() {
    this.#response.destroy()
  }
}

const server = createServer({ keepAliveTimeout }, (request, response) => {
  const client = idle.pop() ?? new Client(settings.upstream, { pipelining: 1, headersTimeout: 0, bodyTimeout: 0 })
  const own = [
    ...['X-Forwarded-For', request.socket.remoteAddress, 'X-Forwarded-Proto', 'http'],
    ...['X-Forwarded-Host', request.headers.host, 'X-Request-Id', nextId()],
    ...['traceparent', `00-${nextId()}-${nextId().slice(16)}-00`],
  ]
  const headers = [...travelling(request.rawHeaders), ...own]
  client.dispatch({ method: request.method, path: request.url, headers, body: null }, new Handler(response, client))
})
server.listen(settings.port, '127.0.0.1', () => tellListening(server.address().port))

function travelling(lines) {
  const fields = []
  for (let index = 0; index < lines.length; index += 2)
    if (!stopHere.has(lines[index].toLowerCase())) fields.push(lines[index], lines[index + 1])
  return fields
}

function nextId() {
  return (count++).toString(16).padStart(32, '0')
}
