import { once } from 'node:events'
import t, { type Test } from 'tap'
import { startForwarding } from '../fixtures/forwarding-gateway.ts'
import { aPost, aRequest } from '../fixtures/live-token.ts'
import { logFileIn } from '../fixtures/log-file.ts'
import { exchangeRaw, openRaw } from '../fixtures/raw-connection.ts'
import { startRecorder } from '../fixtures/recorder.ts'

/** A gateway with one place of two taken by a body that does not come, and a second such request that waits. */
async function startWithSlow(t: Test, bodyTimeoutMs = 5000) {
  const file = logFileIn(t.testdir())
  const recorder = await startRecorder(t)
  const gateway = await startForwarding(t, recorder.url, { connections: 2, bodyTimeoutMs }, { log: file.log })
  const holder = await openRaw(t, gateway.url)
  holder.send(aPost('holder').slice(0, -1))
  await exchangeRaw(t, gateway.url, aRequest({}))
  const waiter = await openRaw(t, gateway.url)
  waiter.send(aPost('waiter').slice(0, -1))
  // The gateway knows of both once it has answered on a connection that was opened later.
  await exchangeRaw(t, gateway.url, aRequest({}))
  return { file, recorder, gateway, holder, waiter }
}

t.test('slow bodies take half of the ways to the upstream, and whoever sends a whole request is served', async t => {
  const { recorder, gateway } = await startWithSlow(t)
  for (let count = 0; count < 5; count++) {
    const slow = await openRaw(t, gateway.url)
    slow.send(aPost('{"a":1}').slice(0, -1))
    t.equal((await exchangeRaw(t, gateway.url, aPost('whole'))).status, 200)
    t.equal((await exchangeRaw(t, gateway.url, aRequest({}))).status, 200)
  }
  t.equal(recorder.requests.filter(({ body }) => body.toString() === 'whole').length, 5)
})

t.test('a body that waits goes as soon as it is there', async t => {
  const { recorder, waiter } = await startWithSlow(t)
  waiter.send('r')
  t.equal((await waiter.answer()).status, 200)
  t.equal(recorder.requests.at(-1)?.body.toString(), 'waiter')
})

t.test('bodies that wait, however large, go as places become free', async t => {
  const { recorder, gateway, holder, waiter } = await startWithSlow(t)
  const large = await openRaw(t, gateway.url)
  large.send(aPost('x'.repeat(300_000)))
  for (const client of [holder, waiter]) client.send('r')
  for (const client of [holder, waiter, large]) t.equal((await client.answer()).status, 200)
  t.ok(recorder.requests.some(({ body }) => body.length === 300_000))
})

t.test('a client that goes away while its body waits is logged as gone, and its place is free', async t => {
  const { file, gateway, holder, waiter } = await startWithSlow(t)
  waiter.socket.destroy()
  holder.socket.destroy()
  const large = await openRaw(t, gateway.url)
  large.send(aPost('x'.repeat(300_000)))
  t.equal((await large.answer()).status, 200)
  await gateway.stop()
  t.equal(file.lines().filter(({ status, decision }) => status === 499 && decision === 'allow').length, 2)
})

t.test('a client that lets the time pass while its body waits is cut off', async t => {
  const { file, gateway, waiter } = await startWithSlow(t, 300)
  t.equal(await waiter.closed, '')
  await gateway.stop()
  t.ok(file.lines().some(({ status, method }) => status === 499 && method === 'POST'))
})

t.test('a body that turns out malformed while it waits is refused', async t => {
  const { gateway } = await startWithSlow(t)
  const client = await openRaw(t, gateway.url)
  client.send(aRequest({ method: 'POST', target: '/api/payments/', lines: ['Transfer-Encoding: chunked'] }))
  await exchangeRaw(t, gateway.url, aRequest({}))
  client.send('x\r\n')
  const answer = await client.answer()
  t.same([answer.status, answer.field('connection')], [400, 'close'])
  if (!client.socket.closed) await once(client.socket, 'close')
})
