import { isIP } from 'node:net'
import type { AskedRequest } from '../explaining/asked-request.ts'
import type { Explanation } from '../explaining/explanation.ts'
import { type AdminRoute, invalidInput } from './admin-call.ts'
import { type Input, readInput, readText } from './read-input.ts'

/** Makes the decision about a request, and takes it apart. */
export type ExplainRequest = (asked: AskedRequest) => Promise<Explanation>

const members = ['method', 'target', 'token', 'fields', 'clientAddress', 'scheme']

/** More than the gate lets through, so that what is too long is explained as such. */
const maxTextLength = 32_768

/**
 * `POST /explain`: how this gateway would decide about a request now. The body is `{"method", "target", "token"?,
 * "fields"?, "clientAddress"?, "scheme"?}`; fields are pairs in a list, or an object. It needs the admin token: its answer
 * tells whether a token is good, and why not.
 */
export function explainRoutes(explainRequest: ExplainRequest): readonly AdminRoute[] {
  return [
    {
      method: 'POST',
      path: '/explain',
      isProtected: true,
      answer: async ({ body }) => ({ status: 200, body: await explainRequest(readAsked(body)) }),
    },
  ]
}

function readAsked(body: unknown): AskedRequest {
  const input = readInput(body, 'The body', members)
  const method = readText(input, 'method', maxTextLength)
  const target = readText(input, 'target', maxTextLength)
  if (method === undefined || target === undefined)
    throw invalidInput('Write at least {"method": "GET", "target": "/api/orders/0a1b2c3d4e/"}.')
  return {
    method,
    target,
    token: readText(input, 'token', maxTextLength),
    fields: readFields(input.fields),
    clientAddress: readAddress(input),
    scheme: readScheme(input),
  }
}

/** Name, value, name, value … No value is repeated in what is said about it. */
function readFields(fields: unknown): readonly string[] {
  if (fields === undefined || fields === null) return []
  const pairs: unknown = typeof fields === 'object' && !Array.isArray(fields) ? Object.entries(fields) : fields
  if (Array.isArray(pairs) && pairs.every(isPair)) return pairs.flat()
  throw invalidInput('"fields" must be [["Name", "value"], …] or {"Name": "value", …}, all of it text.')
}

function isPair(pair: unknown): pair is [string, string] {
  return Array.isArray(pair) && pair.length === 2 && pair.every(part => typeof part === 'string')
}

function readAddress(input: Input): string | undefined {
  const address = readText(input, 'clientAddress')
  if (address === undefined || isIP(address) !== 0) return address
  throw invalidInput('"clientAddress" must be an IP address, such as "192.0.2.1".')
}

function readScheme({ scheme }: Input): AskedRequest['scheme'] {
  if (scheme === undefined || scheme === null) return undefined
  if (scheme === 'http' || scheme === 'https') return scheme
  throw invalidInput('"scheme" must be "http" or "https".')
}
