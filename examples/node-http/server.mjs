// The gate alone: a server that asks it, and performs the decision by hand. This is what the guards do for you, but for
// the body: whoever takes one here has to count its octets.
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { createGateFromConfig, denials, loadConfig, refusal } from 'forage-gateway'

const config = process.argv[2] ?? fileURLToPath(new URL('../gateway.yaml', import.meta.url))
const gate = await createGateFromConfig(loadConfig(config))
const hex = octets => randomBytes(octets).toString('hex')

const server = createServer(async (request, response) => {
  const ids = { requestId: hex(16), traceId: hex(16), spanId: hex(8) }
  // The target and the lines as they came, not what a framework makes of them.
  const { method, url: target, rawHeaders: fields } = request
  const clientAddress = request.socket.remoteAddress
  const decision = await gate.decide({ method, target, fields, clientAddress, scheme: 'http', ids })
  if (decision.outcome === 'allow') {
    response.writeHead(200, { 'Content-Type': 'application/json', 'x-request-id': ids.requestId })
    response.end(JSON.stringify({ scope: decision.route.scope }))
    return
  }
  const { responseFields, retryAfterSec } = decision
  const denial = denials[decision.reason ?? 'route_not_allowed']
  const answer = refusal(denial, { target, requestId: ids.requestId, responseFields, retryAfterSec })
  response.writeHead(answer.status, [...answer.fields, 'Connection', 'close']).end(answer.body)
})
server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`)
})
process.once('SIGTERM', () => server.close())
