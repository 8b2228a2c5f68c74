import type { ServerResponse } from 'node:http'
import { nextTick } from 'node:process'

/** Fields about a body that will not be sent. */
const bodyFields = ['content-encoding', 'content-range', 'etag', 'last-modified', 'trailer', 'transfer-encoding']

/** Takes away what handlers said about an answer of their own, which will not be sent. Their other fields stay. */
export function forgetBody(response: ServerResponse): void {
  response.statusMessage = ''
  for (const name of bodyFields) response.removeHeader(name)
}

/**
 * Takes a response from a handler that it was given to: the guard has answered. The handler does not know, and what it
 * still writes has no effect; Node would throw, in the middle of somebody's callback, and end the process.
 */
export function takeOver(response: ServerResponse): void {
  const chained = (): ServerResponse => response
  const ignored = (): void => {}
  const written = (...parts: unknown[]): void => {
    const callback = parts.find(part => typeof part === 'function')
    if (callback) nextTick(callback as () => void)
  }
  Object.assign(response, {
    writeHead: chained,
    setHeader: chained,
    setHeaders: chained,
    appendHeader: chained,
    removeHeader: ignored,
    flushHeaders: ignored,
    addTrailers: ignored,
    writeContinue: written,
    writeProcessing: written,
    writeEarlyHints: written,
    write(...parts: unknown[]) {
      written(...parts)
      return true
    },
    end(...parts: unknown[]) {
      written(...parts)
      return response
    },
  })
}
