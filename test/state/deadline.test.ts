import { once } from 'node:events'
import { createConnection, createServer } from 'node:net'
import t from 'tap'
import { withDeadline } from '../../src/state/deadline.ts'

t.test('an answer in time is the answer, whichever it is', async t => {
  t.equal(await withDeadline(Promise.resolve('yes'), 1000), 'yes')
  await t.rejects(withDeadline(Promise.reject(new Error('no')), 1000), { message: 'no' })
})

t.test('without an answer it is over after the time', async t => {
  const began = performance.now()
  await t.rejects(withDeadline(new Promise(() => {}), 30), { code: 'ETIMEDOUT' })
  t.ok(performance.now() - began >= 29)
})

t.test('an answer that came while this process was held up is heard', async t => {
  const server = createServer(socket => socket.end('answer')).listen(0, '127.0.0.1')
  t.teardown(() => void server.close())
  await once(server, 'listening')
  const socket = createConnection(server.address() as { port: number }).on('error', () => {})
  t.teardown(() => void socket.destroy())
  const answer = once(socket, 'data')
  const waited = withDeadline(answer, 20)
  // In a turn of its own, so that the connection is under way.
  await once(socket, 'connect')
  const held = performance.now() + 100
  while (performance.now() < held);
  t.equal(`${await waited}`, 'answer')
})
