import type { ServerResponse } from 'node:http'

/**
 * Ends an answer whose length is announced with a text of octets (latin1). Head and text go out in one write of one
 * piece: `end(text)` would write them and an empty piece after them, which Node has to gather.
 */
export function endWithText(response: ServerResponse, text: string): void {
  response.cork()
  response.write(text, 'latin1')
  response.uncork()
  response.end()
}
