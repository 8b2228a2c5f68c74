// The upstream: answers as fast as Node.js can over plain sockets, holds each body that it gets against the one that was
// sent, and counts, so that it shows whether every request arrived, and once.
// Run: node upstream.mjs [PEM FILE]     with one it speaks TLS
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import process from 'node:process'
import { createServer as createTlsServer } from 'node:tls'
import { answers, bodies, largeMark } from './work.mjs'

const headEnd = Buffer.from('\r\n\r\n')
const nothing = Buffer.alloc(0)
const small = whole('200 OK', answers.small)
const large = whole('200 OK', answers.large)
const refused = whole('400 Bad Request', Buffer.from('{}'))
const counts = { requests: 0, faults: 0 }

const [pemFile] = process.argv.slice(2)
const pem = pemFile && readFileSync(pemFile)
const server = pem ? createTlsServer({ cert: pem, key: pem }, receive) : createServer({ noDelay: true }, receive)
server.listen(0, '127.0.0.1', () => process.stdout.write(`listening on ${server.address().port}\n`))
process.on('message', () => process.send({ result: counts }))
process.on('disconnect', () => process.exit())

function receive(socket) {
  let held = nothing
  socket.on('error', () => {})
  socket.on('data', chunk => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    for (let rest = takeRequest(socket, held); rest !== undefined; rest = takeRequest(socket, held)) held = rest
  })
}

/** @returns what comes after the request; undefined while it is not there as a whole */
function takeRequest(socket, octets) {
  const end = octets.indexOf(headEnd)
  if (end < 0) return undefined
  const head = octets.latin1Slice(0, end + 2)
  const length = /\r\ncontent-length: *(\d+)\r\n/i.exec(head)?.[1]
  const bodyEnd = end + 4 + Number(length ?? 0)
  if (octets.length < bodyEnd) return undefined
  counts.requests++
  socket.write(answerTo(head, octets.subarray(end + 4, bodyEnd)))
  return octets.subarray(bodyEnd)
}

function answerTo(head, body) {
  if (head.startsWith('GET ') && body.length === 0) return head.startsWith(largeMark, 4) ? large : small
  if (head.startsWith('POST ') && bodies.get(body.length)?.equals(body)) return small
  counts.faults++
  return refused
}

function whole(status, body) {
  const head = [
    `HTTP/1.1 ${status}`,
    'Server: upstream',
    `Date: ${new Date().toUTCString()}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    'Connection: keep-alive',
  ]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body])
}
