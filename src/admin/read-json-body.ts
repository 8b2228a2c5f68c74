import type { IncomingMessage } from 'node:http'
import { AdminRefusal, invalidInput } from './admin-call.ts'

/** Room for about a thousand tokens in one call. */
const maxOctets = 1024 * 1024

/** Reads a JSON body to its end. @throws AdminRefusal when it is too large, or no JSON */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let octets = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    octets += chunk.length
    // Read to its end all the same: an answer beside a body that is still coming is lost with the connection.
    if (octets <= maxOctets) chunks.push(chunk)
  }
  if (octets > maxOctets) {
    throw new AdminRefusal(
      413,
      'invalid_request',
      `The body is over ${maxOctets} octets: register fewer tokens at once.`,
    )
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    throw invalidInput('The body is not JSON.')
  }
}
