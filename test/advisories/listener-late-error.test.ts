// A server reports what goes wrong while it accepts connections (EMFILE, ENFILE, ENOBUFS: no file descriptor or memory
// for another one) as an 'error' event, long after it began to listen. Without a listener for that event, Node.js ends
// the process: whoever can open enough connections could end the gateway, with everything that is in flight. A listener
// that was only there to tell that the address is taken is gone after its first event, so that the second one kills.

import { createServer, type Server } from 'node:http'
import t from 'tap'
import { listen } from '../../src/hosts/listen.ts'
import { startForwarding } from '../fixtures/forwarding-gateway.ts'
import { at, send } from '../fixtures/http-client.ts'
import { startRecorder } from '../fixtures/recorder.ts'

const failure = Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' })

t.test('errors of a server that listens are told, all of them, and it goes on serving', async t => {
  const told: Error[] = []
  const server = createServer((_request, response) => response.end('ok'))
  await listen(server, { host: '127.0.0.1', port: 0, key: 'listen' }, error => told.push(error))
  t.teardown(() => void server.close())
  for (let count = 0; count < 3; count++) server.emit('error', failure)
  t.same(told, [failure, failure, failure])
  const { port } = server.address() as { port: number }
  t.match(await send({ host: '127.0.0.1', port }), { status: 200 })
})

t.test('both listeners of a gateway have somebody who takes such errors', async t => {
  const servers: Server[] = []
  const { listen: original } = Reflect.getPrototypeOf(createServer()) as Server
  t.intercept(Object.getPrototypeOf(Object.getPrototypeOf(createServer())), 'listen', {
    value(this: Server, ...args: Parameters<typeof original>) {
      servers.push(this)
      return original.apply(this, args)
    },
  })
  const recorder = await startRecorder(t)
  servers.length = 0
  const admin = { host: '127.0.0.1', port: 0, token: undefined }
  const gateway = await startForwarding(t, recorder.url, {}, { admin })
  t.equal(servers.length, 2)
  for (const server of servers) for (let count = 0; count < 2; count++) server.emit('error', failure)
  t.match(await send({ ...at(gateway.url) }), { status: 401 })
  t.match(await send({ ...at(gateway.adminUrl), path: '/livez' }), { status: 200 })
})
