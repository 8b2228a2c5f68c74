/*
 * A merchant's server with `rejectNonStandardBodyWrites` throws at a body that may not be there. `HEAD` for a refused route
 * was enough for anybody to have the guard throw while it refused: a 500 of the framework in place of the envelope's head,
 * or the end of a process that does not catch it.
 */
import { createServer } from 'node:http'
import t from 'tap'
import { answer } from '../../src/hosts/answer.ts'
import { guard } from '../../src/hosts/connect.ts'
import { aGuardedGate } from '../fixtures/guarded.ts'
import { openRaw } from '../fixtures/raw-connection.ts'
import { listenOnLoopback } from '../fixtures/recorder.ts'

const strict = { rejectNonStandardBodyWrites: true }

t.test('a guard refuses HEAD in a server that rejects bodies where none may be', async t => {
  const forage = await guard({ gate: await aGuardedGate(), maxBodyBytes: 100 })
  const url = await listenOnLoopback(
    t,
    createServer(strict, (request, response) => void forage(request, response, () => response.end())),
  )
  const client = await openRaw(t, url)
  client.send('HEAD /api/sessions/ HTTP/1.1\r\nHost: a\r\n\r\n')
  t.match(await client.answer('HEAD'), { status: 401, body: '' })
})

for (const [method, status] of [
  ['HEAD', 403],
  ['POST', 204],
  ['GET', 304],
] as const) {
  for (const [which, length] of [
    ['no body', 0],
    ['a body that is still to come', 10],
  ] as const)
    t.test(`${status} to ${method} with ${which} is answered without a body`, async t => {
      const url = await listenOnLoopback(
        t,
        createServer(strict, (request, response) =>
          answer(request, response, { status, fields: ['x-own', '1'], body: 'no' }, false),
        ),
      )
      const client = await openRaw(t, url)
      client.send(`${method} / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`)
      client.send('x'.repeat(length))
      const { status: answered, body, field } = await client.answer('HEAD')
      t.same([answered, body, field('x-own')], [status, '', '1'])
    })
}

t.test('an answer whose client has just been cut off does no harm', async t => {
  const url = await listenOnLoopback(
    t,
    createServer((request, response) => {
      response.destroy()
      answer(request, response, { status: 403, fields: ['Content-Length', '2'], body: 'no' }, false)
    }),
  )
  const client = await openRaw(t, url)
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  t.equal(await client.closed, '')
})
