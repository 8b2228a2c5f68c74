import t from 'tap'
import { createClientAddress } from '../../src/hosts/client-address.ts'
import { startForwarding } from '../fixtures/forwarding-gateway.ts'
import { aRequest } from '../fixtures/live-token.ts'
import { logFileIn } from '../fixtures/log-file.ts'
import { openRaw } from '../fixtures/raw-connection.ts'
import { startRecorder } from '../fixtures/recorder.ts'

const xff = (...values: string[]) => values.flatMap(value => ['X-Forwarded-For', value])

const table: readonly (readonly [what: string, trusted: string[], peer: string, fields: string[], client: string])[] = [
  ['nobody is trusted', [], '10.0.0.1', xff('203.0.113.7'), '10.0.0.1'],
  ['the peer is not trusted', ['10.0.0.0/8'], '192.0.2.1', xff('203.0.113.7'), '192.0.2.1'],
  ['the trusted peer names nobody', ['10.0.0.0/8'], '10.0.0.1', [], '10.0.0.1'],
  ['the trusted peer names a client', ['10.0.0.0/8'], '10.0.0.1', xff('203.0.113.7'), '203.0.113.7'],
  ['the client put a name in front', ['10.0.0.0/8'], '10.0.0.1', xff('1.1.1.1, 203.0.113.7'), '203.0.113.7'],
  ['the client put a line in front', ['10.0.0.0/8'], '10.0.0.1', xff('1.1.1.1', '203.0.113.7'), '203.0.113.7'],
  ['two trusted proxies', ['10.0.0.0/8'], '10.0.0.1', xff('203.0.113.7, 10.0.0.2'), '203.0.113.7'],
  ['only trusted hops', ['10.0.0.0/8'], '10.0.0.1', xff('10.0.0.3, 10.0.0.2'), '10.0.0.3'],
  ['a hop that is no address', ['10.0.0.0/8'], '10.0.0.1', xff('203.0.113.7, unknown'), '10.0.0.1'],
  ['a hop with a port', ['10.0.0.0/8'], '10.0.0.1', xff('203.0.113.7:80'), '10.0.0.1'],
  ['an empty hop', ['10.0.0.0/8'], '10.0.0.1', xff('203.0.113.7,'), '10.0.0.1'],
  ['the network ends one below', ['10.0.0.0/31'], '10.0.0.2', xff('203.0.113.7'), '10.0.0.2'],
  ['a mapped peer', ['10.0.0.0/8'], '::ffff:10.0.0.1', xff('203.0.113.7'), '203.0.113.7'],
  ['a mapped client', [], '::ffff:203.0.113.7', [], '203.0.113.7'],
  ['IPv6', ['2001:db8::/32'], '2001:db8::1', xff('2001:db9::7'), '2001:db9::7'],
]
for (const [what, trusted, peer, fields, client] of table) {
  t.test(`${what}: the client is ${client}`, async t => {
    t.equal(createClientAddress(trusted)(peer, fields), client)
  })
}

t.test('behind a trusted proxy, the log and the upstream get the address that it names', async t => {
  const recorder = await startRecorder(t)
  const file = logFileIn(t.testdir())
  const listen = { host: '127.0.0.1', port: 0, trustedProxies: ['127.0.0.0/8'] }
  const gateway = await startForwarding(t, recorder.url, {}, { log: file.log, listen })
  const client = await openRaw(t, gateway.url)
  for (const lines of [['X-Forwarded-For: 1.1.1.1, 203.0.113.7'], []]) {
    client.send(aRequest({ lines }))
    t.equal((await client.answer()).status, 200)
  }
  client.send('garbage\r\n\r\n')
  await client.answer()
  await gateway.stop()
  const forwarded = recorder.requests.map(({ fields }) =>
    fields.filter((_, index) => fields[index - 1]?.toLowerCase() === 'x-forwarded-for'),
  )
  t.same(forwarded, [['203.0.113.7'], ['127.0.0.1']])
  t.same(
    file.lines().map(line => line.client_address),
    ['203.0.113.7', '127.0.0.1', '127.0.0.1'],
  )
})

t.test('an IPv4 client of a socket for both versions is never written as an IPv6 address', async t => {
  const recorder = await startRecorder(t)
  const file = logFileIn(t.testdir())
  const listen = { host: '::ffff:127.0.0.1', port: 0 }
  const gateway = await startForwarding(t, recorder.url, {}, { log: file.log, listen })
  const client = await openRaw(t, `http://127.0.0.1:${new URL(gateway.url).port}`)
  client.send(`${aRequest({})}garbage\r\n\r\n`)
  t.same([(await client.answer()).status, (await client.answer()).status], [200, 400])
  await gateway.stop()
  t.same(
    file.lines().map(line => line.client_address),
    ['127.0.0.1', '127.0.0.1'],
  )
  t.notMatch(recorder.requests[0]?.fields.join('\n'), /::ffff/)
})
