import t, { type Test } from 'tap'
import type { RequestStory } from '../../src/observability/request-story.ts'
import { startCaddy } from '../fixtures/caddy.ts'
import { makeCertificate } from '../fixtures/certificate.ts'
import { caddyDifferences, caddySizes } from '../fixtures/conformance-front-caddy.ts'
import { nginxDifferences, nginxSizes } from '../fixtures/conformance-front-nginx.ts'
import { conformanceGate } from '../fixtures/conformance-gate.ts'
import { type ConformanceRequest, conformanceMaxHeaderBytes } from '../fixtures/conformance-request.ts'
import { conformanceRequests } from '../fixtures/conformance-requests.ts'
import { startNginx } from '../fixtures/nginx.ts'
import { openRaw } from '../fixtures/raw-connection.ts'
import { missingPart } from '../fixtures/real-part.ts'
import type { Recorded } from '../fixtures/recorder.ts'
import { startForwardAuth } from '../hosts/forward-auth-server.ts'
import { startFrontUpstream } from './front-upstream.ts'

/** The answer in short: its status, and the code of the envelope where there is one. */
async function answerTo(t: Test, url: string, { send, method }: ConformanceRequest): Promise<string> {
  const client = await openRaw(t, url)
  client.socket.setTimeout(5000, () => client.socket.destroy())
  client.send(send)
  try {
    const { status, body } = await client.answer(method)
    return status < 400 || body === '' ? `${status}` : `${status} ${JSON.parse(body).errors[0].code}`
  } catch (error) {
    // Go ends its own refusals with the connection, and answers HTTP/1.0 with HTTP/1.0.
    const [, version, status] = /HTTP\/(1\.[01]) (\d{3})/.exec(String(error)) ?? []
    return version === '1.1' ? `${status} in plain text` : `${status} in HTTP/1.0`
  } finally {
    client.socket.destroy()
  }
}

function expectedOf({ verdict, method, arrives }: ConformanceRequest): string {
  const [status, code, reason = 'none'] = verdict.split(' ')
  const answer = code === undefined || method === 'HEAD' ? status : `${status} ${code}`
  return `${answer}; ${reason}${arrives ? '; arrives' : ''}`
}

/** Of the connection, or set by the gateway. */
const notTheClients = /^(?:host|connection|content-length|transfer-encoding|x-forwarded-\w+|x-request-id|traceparent):/

function linesOf({ fields }: Recorded): readonly string[] {
  const names = fields.filter((_, index) => index % 2 === 0)
  return names.map((name, index) => `${name.toLowerCase()}: ${fields[index * 2 + 1]}`.trim())
}

function clientLines(lines: readonly string[]): readonly string[] {
  const comparable = lines.map(line => line.replace(/^[^:]+/, name => name.toLowerCase()).trim())
  return comparable.filter(line => !notTheClients.test(line)).sort()
}

const gate = await conformanceGate()

for (const [name, start, more, differences] of [
  ['nginx', startNginx, nginxSizes, nginxDifferences],
  ['caddy', startCaddy, caddySizes, caddyDifferences],
] as const) {
  const skip = missingPart(name)
  t.test(`${name} gives every verdict of the list, but for the differences that are listed`, { skip }, async t => {
    const folder = t.testdir()
    const certificate = makeCertificate(folder, 'upstream')
    const upstream = await startFrontUpstream(t, certificate)
    const stories: RequestStory[] = []
    const observe = (story: RequestStory): void => void stories.push(story)
    const options = { gate, observe, maxHeaderBytes: conformanceMaxHeaderBytes }
    const authorizer = await startForwardAuth(t, name, options)
    const places = { authorizer: authorizer.port, upstream: upstream.port, certificate, folder, more }
    const { url } = await start(t, places)

    for (const request of conformanceRequests) {
      const [toldBefore, arrivedBefore] = [stories.length, upstream.requests.length]
      const answer = await answerTo(t, url, request)
      const came = upstream.requests.slice(arrivedBefore)
      const told = stories.slice(toldBefore).map(({ reason = 'none' }) => reason)
      const outcome = `${answer}; ${told.join() || 'nobody is told'}${came.map(() => '; arrives').join('')}`
      t.equal(outcome, differences[request.name] ?? expectedOf(request), request.name)
      if (!request.arrives || !came[0]) continue
      const { target, body, fields } = request.arrives
      t.same([came[0].target, came[0].body.toString()], [target, body], `${request.name}: what arrives`)
      t.same(clientLines(linesOf(came[0])), clientLines(fields), `${request.name}: the fields that arrive`)
    }
    const names = conformanceRequests.map(({ name }) => name)
    t.same(
      Object.keys(differences).filter(each => !names.includes(each)),
      [],
      'each difference is of a request in the list',
    )
  })
}
