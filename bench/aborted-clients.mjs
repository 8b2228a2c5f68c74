// Question: what is left of clients that hang up, while they wait, while they upload and while they download?
// Workload: 10,000 clients, 100 at a time, each on a connection of its own that it destroys when its request is under way.
// Afterwards: connections open at the upstream, and open files of the gateway, against those before.
// Run: npm run bench:aborted-clients
import { spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

const total = 10_000
const atATime = 100
const settleMs = 8000
const secret = 'the secret of the benchmark of aborted clients, only on loopback'
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

const token = sessionToken()
const gateway = await startGateway(upstream.address().port)
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
  gateway.process.kill('SIGTERM')
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
  return readdirSync(`/proc/${gateway.process.pid}/fd`).length
}

async function startGateway(upstreamPort) {
  writeFileSync(join(folder, 'secret'), secret, { mode: 0o600 })
  writeFileSync(
    join(folder, 'gateway.yaml'),
    [
      'environment: sandbox',
      'listen: { host: 127.0.0.1, port: 0 }',
      'admin: null',
      `upstream: { api: "http://127.0.0.1:${upstreamPort}", connections: ${atATime} }`,
      'session: { verify: signature, jwt: { secret: { file: secret } } }',
      `policy: { file: "${join(process.cwd(), 'config/policy.yaml')}" }`,
      'log: { level: info, destination: access.log }',
    ].join('\n'),
  )
  const child = spawn(process.execPath, ['dist/cli/main.js', 'start', '--config', join(folder, 'gateway.yaml')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const line = await new Promise(resolve => {
    child.stdout.once('data', resolve)
    child.once('exit', code => resolve(`exit ${code}`))
  })
  const port = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(String(line))?.[1]
  if (port === undefined) throw new Error(`the gateway did not start: ${line}`)
  return { process: child, port: Number(port) }
}

function sessionToken() {
  const encode = part => Buffer.from(JSON.stringify(part)).toString('base64url')
  const signed = `${encode({ typ: 'JWT', alg: 'HS256' })}.${encode({ a: 1, exp: Math.floor(Date.now() / 1000) + 600 })}`
  return `sandbox_${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}
