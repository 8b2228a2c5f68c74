import { createServer, type RequestListener } from 'node:http'
import t from 'tap'
import { fetchOctets } from '../../src/session/fetch-octets.ts'
import { listenOnLoopback } from '../fixtures/recorder.ts'

const serve = (t: Parameters<typeof listenOnLoopback>[0], listener: RequestListener) =>
  listenOnLoopback(t, createServer(listener))

/** Long enough for an error that nobody listens to to end the process. */
async function afterwards(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise(resolve => setImmediate(resolve))
}

t.test('a document of 1 MiB is fetched whole, one of an octet more is not', async t => {
  const url = await serve(t, (request, response) => response.end(Buffer.alloc(Number(request.url?.slice(1)), 'x')))
  t.equal((await fetchOctets(`${url}/3`)).length, 3)
  t.equal((await fetchOctets(`${url}/1048576`)).length, 1_048_576)
  await t.rejects(fetchOctets(`${url}/1048577`))
  await afterwards()
})

t.test('a body without end is given up past 1 MiB', async t => {
  const url = await serve(t, (_request, response) => {
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    }
    response.on('drain', more)
    more()
  })
  await t.rejects(fetchOctets(url))
  await afterwards()
})

for (const status of [204, 301, 302, 307, 304, 404, 500, 503]) {
  t.test(`an answer of ${status} is no document, is not followed, and ends nothing but itself`, async t => {
    const targets: string[] = []
    const url = await serve(t, (request, response) => {
      targets.push(request.url ?? '')
      response.writeHead(status, { Location: '/elsewhere' })
      response.end(status === 204 || status === 304 ? '' : 'x'.repeat(100_000))
    })
    await t.rejects(fetchOctets(`${url}/keys`), { message: `status ${status}` })
    await afterwards()
    t.same(targets, ['/keys'])
  })
}

t.test('a connection that is cut, or refused, is a failure', async t => {
  const url = await serve(t, request => request.socket.destroy())
  await t.rejects(fetchOctets(url))
  await t.rejects(fetchOctets('http://127.0.0.1:1/'))
  await afterwards()
})

t.test('the fetch carries no credentials', async t => {
  let names: string[] = []
  const url = await serve(t, (request, response) => {
    names = Object.keys(request.headers)
    response.end('x')
  })
  await fetchOctets(url)
  t.same(names.sort(), ['accept', 'connection', 'host'])
})
