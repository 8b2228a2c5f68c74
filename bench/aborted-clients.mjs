// Question: what is left of clients that hang up, while they wait, while they upload and while they download?
// Workload: 10,000 clients, 100 at a time, each on a connection of its own that it destroys when its request is under way.
// Afterwards: connections open at the upstream, and open files of the gateway, against those before.
// Run: npm run bench:aborted-clients
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { startGateway } from './programs/gateway.mjs'
import { makeSecret, sessionToken } from './programs/session-token.mjs'

const total = 10_000
const atATime = 100
const settleMs = 8000
const secret = makeSecret()
const folder = mkdtempSync(join(tmpdir(), 'forage-gateway-bench-'))
const kinds = ['waiting', 'upload', 'download']

/** By request id: told when the upstream has the request as far as the client wants it. */
const underWay = new Map()
const open = new Set()
let opened = 0
const seen = { waiting: 0, upload: 0, download: 0 }

const upstream = createServer((request, response) => {
  const kind = request.headers['x-kind']
  if (kind === undefined) {
    request.resume().on('end', () => response.end('{}'))
    return
  }
  seen[kind]++
  const tell = () => underWay.get(request.headers['x-id'])?.()
  request.on('error', () => {})
  if (kind === 'upload') request.once('data', tell)
  else if (kind === 'download') {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 1_000_000 })
    response.write('x'.repeat(1000), tell)
  } else tell()
})
upstream.on('connection', socket => {
  opened++
  open.add(socket)
  socket.on('close', () => open.delete(socket)).on('error', () => {})
})
await new Promise(resolve => upstream.listen(0, '127.0.0.1', resolve))

const token = sessionToken(secret)
const gateway = await startGateway({
  folder,
  secret,
  upstream: `http://127.0.0.1:${upstream.address().port}`,
  given: { upstream: { connections: atATime } },
})
try {
  for (let count = 0; count < 20; count++) await plain()
  await until(() => open.size === 0)
  const filesBefore = openFiles()
  const startedAt = performance.now()
  const clients = Array.from({ length: atATime }, async (_, first) => {
    for (let id = first; id < total; id += atATime) await abort(id)
  })
  await Promise.all(clients)
  const seconds = (performance.now() - startedAt) / 1000
  const settleAt = performance.now()
  await until(() => open.size === 0 && openFiles() <= filesBefore)
  const settledMs = performance.now() - settleAt
  const [left, filesAfter] = [open.size, openFiles()]
  await plain()

  process.stdout.write(`Node.js ${process.version}, ${cpus()[0].model}\n`)
  for (const kind of kinds)
    process.stdout.write(`aborted while ${kind.padEnd(10)} ${seen[kind]} reached the upstream\n`)
  process.stdout.write(`clients                  ${total} in ${seconds.toFixed(1)} s\n`)
  process.stdout.write(`upstream connections     ${opened} opened, ${left} left\n`)
  process.stdout.write(
    `open files of gateway    ${filesBefore} before, ${filesAfter} after (settled in ${Math.round(settledMs)} ms)\n`,
  )
  const isFine = left === 0 && filesAfter <= filesBefore
  process.stdout.write(isFine ? 'fine: nothing is left\n' : 'something leaks\n')
  process.exitCode = isFine ? 0 : 1
} finally {
  await gateway.stop()
  upstream.closeAllConnections()
  upstream.close()
  rmSync(folder, { recursive: true, force: true })
}

/** One client that hangs up in the middle: the upstream has its request, a part of its body, or gave a part of the answer. */
function abort(id) {
  const kind = kinds[id % kinds.length]
  const head =
    kind === 'upload' ? ['POST /api/payments/', 'Content-Length: 1000'] : ['GET /api/orders/0a1b2c3d4e/', 'Accept: */*']
  return new Promise(resolve => {
    const client = connect(gateway.port, '127.0.0.1')
    const leave = () => client.destroy()
    client
      .on('error', () => {})
      .on('close', () => {
        underWay.delete(String(id))
        resolve()
      })
    if (kind === 'download') client.once('data', leave)
    else underWay.set(String(id), leave)
    client.write(
      `${head[0]} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer ${token}\r\nX-Kind: ${kind}\r\nX-Id: ${id}\r\n${head[1]}\r\n\r\n${kind === 'upload' ? 'half' : ''}`,
    )
  })
}

/** One client that waits for its answer. */
async function plain() {
  const answer = await fetch(`http://127.0.0.1:${gateway.port}/api/orders/0a1b2c3d4e/`, {
    headers: { authorization: `Bearer ${token}`, connection: 'close' },
  })
  if (answer.status !== 200 || (await answer.text()) !== '{}') throw new Error(`not served: ${answer.status}`)
}

/** Waits until something is so, or for as long as idle connections may live. */
async function until(isSo) {
  for (const endAt = performance.now() + settleMs; !isSo() && performance.now() < endAt; )
    await new Promise(resolve => setTimeout(resolve, 20))
}

function openFiles() {
  return readdirSync(`/proc/${gateway.pid}/fd`).length
}
