import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import t from 'tap'
import { seededRefs, startSimulator } from '../../src/simulator/simulator.ts'
import { json, startBench } from '../fixtures/simulator-client.ts'

const body = { type: 'ebt', card: { number: '9999411111111111' } }

t.test('it listens on a free port of loopback and tells its credentials', async t => {
  const simulator = await startSimulator()
  t.teardown(() => simulator.close())
  t.match(simulator.url, /^http:\/\/127\.0\.0\.1:\d+$/)
  t.equal(simulator.url, `http://127.0.0.1:${simulator.port}`)
  t.match(simulator, { environment: 'mock', merchantAccount: '123ab45c67' })
  t.ok(simulator.sessionTokenSecret.length >= 32)
  t.match(simulator.issueAuthenticationToken(), /^mock_[A-Za-z0-9]{30}$/)
  t.equal((await fetch(`${simulator.url}/__simulator/state`)).status, 200)
})

for (const host of ['0.0.0.0', '::', '192.0.2.1', 'example.com', '127.example.com']) {
  t.test(`it refuses to listen on ${host}`, async t => {
    await t.rejects(startSimulator({ host }), { name: 'TypeError', message: /not a loopback address/ })
  })
}

t.test('it listens on localhost by name', async t => {
  const simulator = await startSimulator({ host: 'localhost' })
  t.teardown(() => simulator.close())
  t.equal((await fetch(`${simulator.url}/__simulator/state`)).status, 200)
})

t.test('it listens on the loopback address of IPv6', async t => {
  const simulator = await startSimulator({ host: '::1' }).catch(error => {
    if (error.code !== 'EADDRNOTAVAIL' && error.code !== 'EAFNOSUPPORT') throw error
  })
  if (simulator === undefined) return t.pass('this machine has no IPv6')
  t.teardown(() => simulator.close())
  t.equal((await fetch(`${simulator.url}/__simulator/state`)).status, 200)
})

t.test('it rejects with the error of node when its port is taken', async t => {
  const other = createServer().listen(0, '127.0.0.1')
  t.teardown(() => other.close())
  await once(other, 'listening')
  const { port } = other.address() as { port: number }
  await t.rejects(startSimulator({ port }), { code: 'EADDRINUSE' })
})

t.test('the same seed and the same requests give the same answers', async t => {
  const answers: unknown[] = []
  for (const seed of ['one', 'one', 'two']) {
    const { simulator, ask } = await startBench(t, { seed })
    const { clientId, clientSecret, sessionTokenSecret } = simulator
    const token = simulator.issueSessionToken()
    const created = await ask({ method: 'POST', path: '/api/payment_methods/', token, body })
    answers.push([clientId, clientSecret, sessionTokenSecret, token, created.text])
  }
  t.same(answers[0], answers[1])
  t.notSame(answers[0], answers[2])
})

t.test('what is given in the options is used', async t => {
  const given = { clientId: 'id', clientSecret: 'secret', sessionTokenSecret: 's'.repeat(32), merchantAccount: 'm' }
  const { simulator } = await startBench(t, given)
  t.match(simulator, given)
})

t.test('the clock is the system clock when none is given', async t => {
  const simulator = await startSimulator()
  t.teardown(() => simulator.close())
  const headers = { authorization: `Bearer ${simulator.issueSessionToken()}`, 'merchant-account': '123ab45c67' }
  const reply = await fetch(`${simulator.url}/api/orders/${seededRefs.order}/`, { headers })
  const created = Date.parse(((await reply.json()) as { created: string }).created)
  t.ok(Math.abs(Date.now() - created) < 60_000)
})

t.test('closing drops idle connections, and closing twice is closing once', async t => {
  const { simulator } = await startBench(t)
  const socket = connect(simulator.port, '127.0.0.1')
  const closed = once(socket, 'close')
  socket.on('error', () => {})
  socket.resume()
  await once(socket, 'connect')
  socket.write('GET /__simulator/state HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(socket, 'data')
  await simulator.close()
  await closed
  await simulator.close()
  await t.rejects(fetch(simulator.url))
})

t.test('its own authentication token is renewed when it was revoked or has expired', async t => {
  const { simulator, clock, ask } = await startBench(t)
  await ask({ path: '/api/payments/' })
  clock.now += 604_800
  t.equal((await ask({ path: '/api/payments/' })).status, 200)
  t.match(json(await ask({ path: '/__simulator/state', token: null })), { live_authentication_tokens: 1 })
  t.ok(simulator.executionCount >= 2)
})
