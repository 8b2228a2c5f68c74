// Question: does the gateway's resident memory stay level over a long run of small requests?
// Workload: 1,000,000 requests (or the number given), GETs and POSTs by turns, through one gateway process over 32
// connections that are kept; a fresh session token every 10,000 requests. Upstream and clients here.
// Run: node bench/memory-level.mjs [REQUESTS]     (after npm run build)
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { startGateway } from './programs/gateway.mjs'
import { makeSecret, sessionToken } from './programs/session-token.mjs'

const requests = Number(process.argv[2] ?? 1_000_000)
const connections = 32
const limitMiB = 8
const secret = makeSecret()
const folder = mkdtempSync(join(tmpdir(), 'forage-gateway-bench-'))
const answer = '{"ref":"0a1b2c3d4e","status":"succeeded"}'

const upstream = createServer((incoming, outgoing) => {
  incoming.resume()
  incoming.on('end', () => {
    outgoing.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': answer.length }).end(answer)
  })
})
await new Promise(resolve => upstream.listen(0, '127.0.0.1', resolve))

const gateway = await startGateway({
  folder,
  secret,
  upstream: `http://127.0.0.1:${upstream.address().port}`,
  // Every line is made and written, and a million of them need no disk.
  given: { log: { destination: '/dev/null' } },
})
try {
  await run(Math.min(50_000, requests))
  const startedAt = performance.now()
  const rows = [{ done: 0, mib: residentMiB() }]
  for (let tenth = 1; tenth <= 10; tenth++) {
    await run(Math.round(requests / 10))
    rows.push({ done: Math.round((requests / 10) * tenth), mib: residentMiB() })
  }
  report(rows, (performance.now() - startedAt) / 1000)
} finally {
  await gateway.stop()
  upstream.closeAllConnections()
  upstream.close()
  rmSync(folder, { recursive: true, force: true })
}

function report(rows, seconds) {
  const [processor] = cpus()
  const lines = rows.map(({ done, mib }) => `${String(done).padStart(9)}   ${mib.toFixed(1).padStart(6)}`)
  const half = rows.slice(5)
  const growthMiB = slope(half) * (half.at(-1).done - half[0].done)
  process.stdout.write(
    [
      `Node.js ${process.version}, ${processor.model}, ${Math.round(requests / seconds)} requests/s`,
      ' requests   resident MiB (after warm-up)',
      ...lines,
      `second half: ${growthMiB >= 0 ? '+' : ''}${growthMiB.toFixed(1)} MiB along the line of best fit`,
      growthMiB <= limitMiB ? `fine: at most ${limitMiB} MiB` : `too much: limit ${limitMiB} MiB`,
      '',
    ].join('\n'),
  )
  process.exitCode = growthMiB <= limitMiB ? 0 : 1
}

/** MiB per request, by least squares. */
function slope(rows) {
  const mean = member => rows.reduce((sum, row) => sum + row[member], 0) / rows.length
  const [x, y] = [mean('done'), mean('mib')]
  const above = rows.reduce((sum, row) => sum + (row.done - x) * (row.mib - y), 0)
  return above / rows.reduce((sum, row) => sum + (row.done - x) ** 2, 0)
}

/** Sends so many requests, divided among the connections, each after the answer to the one before. */
function run(count) {
  const left = { count, token: freshToken() }
  return Promise.all(Array.from({ length: connections }, () => runConnection(left)))
}

function runConnection(left) {
  return new Promise((resolve, reject) => {
    const socket = connect(gateway.port, '127.0.0.1')
    let received = ''
    const next = () => {
      if (left.count <= 0) {
        socket.end()
        resolve()
        return
      }
      left.count--
      if (left.count % 10_000 === 0) left.token = freshToken()
      socket.write(left.count % 2 === 0 ? get(left.token) : post(left.token))
    }
    socket.on('connect', next)
    socket.on('data', chunk => {
      received += chunk.toString('latin1')
      if (!received.endsWith(answer)) return
      if (!received.startsWith('HTTP/1.1 200 ')) reject(new Error(received))
      received = ''
      next()
    })
    socket.on('error', reject)
    socket.on('close', () => (left.count > 0 ? reject(new Error(`the connection ended: ${received}`)) : resolve()))
  })
}

function freshToken() {
  return sessionToken(secret, { jti: Math.random() })
}

function get(token) {
  return `GET /api/orders/0a1b2c3d4e/ HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer ${token}\r\n\r\n`
}

function post(token) {
  const body = '{"amount":"12.50","funding_type":"ebt_snap"}'
  return [
    'POST /api/payments/ HTTP/1.1',
    'Host: gateway',
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')
}

function residentMiB() {
  const status = readFileSync(`/proc/${gateway.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)[1]) / 1024
}
