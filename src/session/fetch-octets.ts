import { Agent, request } from 'undici'

const timeoutMs = 5000
/** A key set has some kilobytes. */
const maxOctets = 1024 * 1024

// Connections of its own: a key server that hangs must not hold up payments.
const agent = new Agent({ connections: 2, connect: { timeout: timeoutMs }, maxResponseSize: maxOctets })

/**
 * Gets a small document by GET. No redirect is followed: who may redirect a key set may replace it.
 *
 * @throws for any status but 200, after 5 seconds, and past 1 MiB
 */
export async function fetchOctets(url: string): Promise<Uint8Array> {
  const { statusCode, body } = await request(url, {
    dispatcher: agent,
    headers: { accept: 'application/jwk-set+json, application/json' },
    signal: AbortSignal.timeout(timeoutMs),
  })
  if (statusCode === 200) return body.bytes()
  // A body that is cut off says so by an error, which would end the process if nobody listened.
  body.on('error', () => {}).destroy()
  throw new Error(`status ${statusCode}`)
}
