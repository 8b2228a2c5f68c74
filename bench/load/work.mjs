// What is asked of the proxies: the requests of each kind of work, and the answers that they must bring.
import process from 'node:process'
import { sessionToken } from '../programs/session-token.mjs'

const smallAnswer = json(300, '{"ref":"0a1b2c3d4e","status":"succeeded","amount":"12.50","note":"')
const largeAnswer = Buffer.alloc(10 * 1024 * 1024, 'the answer of an order with a very long list of lines; ')

/** The bodies that are sent, by their length: the upstream looks whether it gets them as they are. */
export const bodies = new Map(
  [300, 64 * 1024].map(octets => [octets, json(octets, '{"amount":"12.50","funding_type":"ebt_snap","note":"')]),
)

/** The answers that the upstream gives: by the first letter of an order's ref. */
export const answers = { small: smallAnswer, large: largeAnswer }
export const largeMark = '/api/orders/large'

/** Kinds of work: how many connections, and what each of them sends again and again. */
export const kinds = {
  get: { connections: 64, answer: smallAnswer, head: index => `GET /api/orders/a${ref(index)}/` },
  post: { connections: 64, answer: smallAnswer, octets: 300, head: () => 'POST /api/payments/' },
  upload: { connections: 32, answer: smallAnswer, octets: 64 * 1024, head: () => 'POST /api/payments/' },
  download: { connections: 8, answer: largeAnswer, head: index => `GET ${largeMark}${ref(index)}/` },
}

/**
 * One request in octets. Each connection is another session that reads another order, as apps do: a proxy that answered
 * several by one request to the upstream would be found out by counting.
 */
export function requestOf({ head, octets }, index, token) {
  const lines = [
    `${head(index)} HTTP/1.1`,
    'Host: gateway.example',
    'Accept: application/json',
    'Accept-Encoding: gzip, deflate, br',
    'User-Agent: ForageSDK/3.2 (bench)',
    'Merchant-Account: 123ab45c67',
    `Authorization: Bearer ${token}`,
  ]
  if (octets !== undefined) lines.push('Content-Type: application/json', `Content-Length: ${octets}`)
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), bodies.get(octets) ?? Buffer.alloc(0)])
}

/** Session tokens by kind: of the connection (seen before), never seen, and never seen with a signature that is wrong. */
export function createTokens(secret) {
  let count = 0
  const run = `${process.pid}.${Date.now()}`
  const next = () => sessionToken(secret, { jti: `${run}.${count++}` })
  return { fresh: next, bad: () => misSigned(next()) }
}

/** Canonical, and not what the key makes of it. */
function misSigned(token) {
  const at = token.lastIndexOf('.') + 5
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
}

function ref(index) {
  return index.toString(16).padStart(9, '0')
}

/** A JSON object of exactly so many octets. */
function json(octets, start) {
  return Buffer.from(`${start.padEnd(octets - 2, 'x')}"}`)
}
