import { createServer } from 'node:http'
import t, { type Test } from 'tap'
import { createForageClient } from '../../src/forage/forage-client.ts'
import { createBudgetedClient } from '../../src/gateway/forage-client.ts'
import { createUpstreamBudget } from '../../src/limits/upstream-budget.ts'
import { listenOnLoopback } from '../fixtures/recorder.ts'

const localAddresses = ['127.0.0.2', '127.0.0.3']
const ask = { authenticationToken: 'sandbox_a', merchantAccount: 'm' }

/** A client on a budget, and the addresses that its requests came from. */
async function startBench(t: Test, requests: number) {
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(request.socket.remoteAddress ?? '')
    response.setHeader('Content-Type', 'application/json').end('{"token":"sandbox_a.b.c"}')
  })
  const origin = await listenOnLoopback(t, server)
  const clients = localAddresses.map(
    address =>
      [
        address,
        createForageClient({ origin, localAddress: address, connectTimeoutMs: 2000, timeoutMs: 2000 }),
      ] as const,
  )
  const budget = createUpstreamBudget({ requests, windowSec: 300, maxWaitMs: 0, localAddresses })
  const client = createBudgetedClient(new Map(clients), budget)
  t.teardown(() => client.close())
  return { client, seen, budget }
}

t.test('tokens are asked for from the address that the budget gives', async t => {
  const { client, seen, budget } = await startBench(t, 10)
  for (const _ of [1, 2]) t.match(await client.createSessionToken(ask), { token: 'sandbox_a.b.c' })
  t.same(seen.sort(), localAddresses)
  t.same(
    budget.remaining().map(({ used }) => used),
    [1, 1],
  )
})

t.test('where the budget has no place nothing is sent, and the wait is told', async t => {
  const { client, seen } = await startBench(t, 1)
  for (const _ of [1, 2]) await client.createSessionToken(ask)
  const refused = await client.createSessionToken(ask)
  t.match(refused, { fault: 'throttled', mayHaveTakenEffect: false })
  t.ok((refused as { retryAfterSec: number }).retryAfterSec >= 299)
  t.equal(seen.length, 2)
  t.match(await client.revokeAuthenticationToken({ clientId: 'i', clientSecret: 's', token: 't' }), { isRevoked: true })
})

t.test('a client without any address is a mistake of the caller', async t => {
  const budget = createUpstreamBudget({ requests: 1, windowSec: 300, maxWaitMs: 0, localAddresses: [] })
  t.throws(() => createBudgetedClient(new Map(), budget), TypeError)
})
