import { createServer } from 'node:https'
import type { Certificate } from '../fixtures/certificate.ts'
import { listenOnLoopback, type Recorded, type Teardown } from '../fixtures/recorder.ts'

/** An upstream behind TLS that notes what it gets. */
export interface FrontUpstream {
  readonly port: number
  readonly requests: Recorded[]
}

/** Starts it on a free loopback port; it stops when the test ends. Its answers have fields that a front has to deal with. */
export async function startFrontUpstream(t: Teardown, { cert, key }: Certificate): Promise<FrontUpstream> {
  const requests: Recorded[] = []
  const server = createServer({ cert, key }, (request, response) => {
    const body: Buffer[] = []
    request.on('data', (chunk: Buffer) => body.push(chunk))
    request.on('end', () => {
      const { method = '', url: target = '', rawHeaders: fields } = request
      requests.push({ method, target, fields, body: Buffer.concat(body) })
      response.writeHead(target.includes('missing') ? 401 : 200, answerFields).end('{"ok":true}')
    })
    request.on('error', () => {})
  })
  const url = await listenOnLoopback(t, server)
  return { port: Number(new URL(url).port), requests }
}

const answerFields = {
  'Content-Type': 'application/json',
  'Content-Length': '11',
  'X-Request-Id': 'of-the-upstream',
  'Access-Control-Allow-Origin': 'https://of-the-upstream.example',
  Vary: 'Accept',
}
