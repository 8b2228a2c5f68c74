// Question: how much memory does the gateway take while a large body passes, in either direction?
// Workload: one upload and one download of 200 MiB through a gateway process of its own, upstream and client here.
// Run: npm run bench:streaming
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { startGateway } from './programs/gateway.mjs'
import { makeSecret, sessionToken } from './programs/session-token.mjs'

const bytes = 200 * 1024 * 1024
const piece = Buffer.alloc(64 * 1024, 'x')
const limitMiB = 64
const secret = makeSecret()
const folder = mkdtempSync(join(tmpdir(), 'forage-gateway-bench-'))

const upstream = createServer((incoming, outgoing) => {
  if (incoming.method === 'GET') {
    outgoing.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': bytes })
    pipeline(pieces(), outgoing).catch(() => {})
    return
  }
  let received = 0
  incoming.on('data', chunk => {
    received += chunk.length
  })
  incoming.on('end', () =>
    outgoing.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ received })),
  )
})
await new Promise(resolve => upstream.listen(0, '127.0.0.1', resolve))

const gateway = await startGateway({
  folder,
  secret,
  upstream: `http://127.0.0.1:${upstream.address().port}`,
  given: { limits: { maxBodyBytes: null } },
})
try {
  await measure('warm-up', () => download())
  const rows = [await measure('upload', upload), await measure('download', download)]
  const [processor] = cpus()
  process.stdout.write(`Node.js ${process.version}, ${processor.model}\n`)
  for (const { name, passed, growthMiB, seconds } of rows) {
    const mibPerSecond = Math.round(bytes / 1024 / 1024 / seconds)
    process.stdout.write(
      `${name.padEnd(10)} ${passed / 1024 / 1024} MiB   resident memory +${growthMiB.toFixed(1)} MiB at its peak   ${mibPerSecond} MiB/s\n`,
    )
  }
  const worst = Math.max(...rows.map(row => row.growthMiB))
  const isComplete = rows.every(row => row.passed === bytes)
  process.stdout.write(
    isComplete && worst < limitMiB
      ? `fine: below ${limitMiB} MiB\n`
      : `too much, or bytes lost: limit ${limitMiB} MiB\n`,
  )
  process.exitCode = isComplete && worst < limitMiB ? 0 : 1
} finally {
  await gateway.stop()
  upstream.closeAllConnections()
  upstream.close()
  rmSync(folder, { recursive: true, force: true })
}

/** Runs a transfer and watches the gateway's resident memory meanwhile. */
async function measure(name, transfer) {
  const before = residentMiB()
  let peak = before
  const watch = setInterval(() => {
    peak = Math.max(peak, residentMiB())
  }, 20)
  const startedAt = performance.now()
  const passed = await transfer()
  clearInterval(watch)
  return { name, passed, growthMiB: peak - before, seconds: (performance.now() - startedAt) / 1000 }
}

function residentMiB() {
  const status = readFileSync(`/proc/${gateway.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)[1]) / 1024
}

function upload() {
  return new Promise((resolve, reject) => {
    const outgoing = call('POST', '/api/payment_methods/', { 'Content-Length': bytes }, async answer => {
      const chunks = await answer.toArray()
      resolve(JSON.parse(Buffer.concat(chunks)).received)
    })
    pipeline(pieces(), outgoing).catch(reject)
  })
}

function download() {
  return new Promise((resolve, reject) => {
    const outgoing = call('GET', '/api/orders/0a1b2c3d4e/', {}, answer => {
      let received = 0
      answer.on('data', chunk => {
        received += chunk.length
      })
      answer.on('end', () => resolve(received)).on('error', reject)
    })
    outgoing.end()
  })
}

function call(method, path, headers, onAnswer) {
  const authorization = `Bearer ${sessionToken(secret)}`
  return request(
    { host: '127.0.0.1', port: gateway.port, method, path, headers: { ...headers, authorization } },
    onAnswer,
  )
}

function* sizes() {
  for (let left = bytes; left > 0; left -= piece.length) yield left < piece.length ? piece.subarray(0, left) : piece
}

function pieces() {
  return Readable.from(sizes(), { objectMode: false, highWaterMark: 64 * 1024 })
}
