import type { ServerResponse } from 'node:http'

/** An answer that is held in memory. */
export interface Answer {
  readonly status: number
  readonly fields: Readonly<Record<string, string>>
  readonly body: string
}

/** @param body a value to serialise, or a text that is JSON already */
export function answerJson(status: number, body: unknown, fields: Readonly<Record<string, string>> = {}): Answer {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { status, fields: { 'Content-Type': 'application/json', ...fields }, body: text }
}

/** An HTML page as Django and load balancers send. */
export function answerHtml(status: number, title: string, fields: Readonly<Record<string, string>> = {}): Answer {
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`
  return { status, fields: { 'Content-Type': 'text/html; charset=utf-8', ...fields }, body }
}

/** Empty, with the JSON content type that every answer but the HTML pages has. */
export function answerNoContent(): Answer {
  return { status: 204, fields: { 'Content-Type': 'application/json' }, body: '' }
}

/** Sends an answer with its length. */
export function sendAnswer(response: ServerResponse, answer: Answer): void {
  // A 204 must not have a Content-Length (RFC 9110 §8.6).
  const length = answer.status === 204 ? {} : { 'Content-Length': Buffer.byteLength(answer.body) }
  response.writeHead(answer.status, { ...answer.fields, ...length })
  response.end(answer.body)
}

/** Promises the whole answer, sends the first half of it, and drops the connection. */
export function sendHalf(response: ServerResponse, answer: Answer): void {
  const body = Buffer.from(answer.body)
  response.writeHead(answer.status, { ...answer.fields, 'Content-Length': body.length })
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy())
}
