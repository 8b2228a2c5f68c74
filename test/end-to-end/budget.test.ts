import { setTimeout as later } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts'
import { aConfig, aSessionConfig } from '../fixtures/config.ts'
import { startGateway } from '../fixtures/gateway.ts'
import { at, type Reply, send } from '../fixtures/http-client.ts'

interface Bench {
  readonly simulator: Simulator
  /** Sends a request of a session, and tells who refused it, if anybody did. */
  ask(session: string, path: string, body?: object): Promise<'served' | 'by the gateway' | 'by Forage'>
}

/** A gateway before a simulator whose limit is real, and small enough for a test. */
async function startBench(t: Test, requests: number, windowSec: number, localAddresses: readonly string[] = []) {
  const simulator = await startSimulator({
    environment: 'sandbox',
    sessionTokenFormat: 'jwt',
    rateLimit: { requests, windowSec },
  })
  t.teardown(() => simulator.close())
  const base = aConfig(simulator.url)
  const keys = {
    jwtSecrets: [Buffer.from(simulator.sessionTokenSecret)],
    timestampedSecrets: [],
    publicKey: null,
    jwks: null,
  }
  const upstream = { ...base.upstream, localAddresses, budget: { requests, windowSec, maxWaitMs: 1500 } }
  const gateway = await startGateway(t, aConfig(simulator.url, { upstream, session: aSessionConfig({ keys }) }))
  const bench: Bench = {
    simulator,
    async ask(session, path, body) {
      const headers = {
        Authorization: `Bearer ${session}`,
        'Merchant-Account': simulator.merchantAccount,
        ...(body && { 'Content-Type': 'application/json' }),
      }
      const text = body === undefined ? undefined : JSON.stringify(body)
      return refuserOf(await send({ ...at(gateway.url), method: body ? 'POST' : 'GET', path, headers }, text))
    },
  }
  return bench
}

function refuserOf({ status, text }: Reply): 'served' | 'by the gateway' | 'by Forage' {
  if (status !== 429) return 'served'
  return JSON.parse(text).errors[0].source.resource === 'Gateway' ? 'by the gateway' : 'by Forage'
}

/** Sessions of different apps: each has claims of its own. */
function sessions(simulator: Simulator, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) =>
    simulator.issueSessionToken({ format: 'jwt', claims: { n: index } }),
  )
}

const card = { type: 'ebt', reusable: true, card: { number: '9999411111111111' } }

t.test(
  'in real time, shoppers pay beside an app that loops, and Forage refuses nothing',
  { timeout: 60_000 },
  async t => {
    const { simulator, ask } = await startBench(t, 60, 5)
    const [looping = '', ...shoppers] = sessions(simulator, 21)
    const counts = { shoppers: new Map<string, number>(), looping: new Map<string, number>() }
    const note = (who: keyof typeof counts, outcome: string) => {
      counts[who].set(outcome, (counts[who].get(outcome) ?? 0) + 1)
    }
    let isOver = false
    const loop = (async () => {
      while (!isOver) {
        note('looping', await ask(looping, '/api/orders/0a1b2c3d4e/'))
        await later(5)
      }
    })()
    // One checkout each: a card, and a look at the order, which a shopper repeats when told to.
    await Promise.all(
      shoppers.map(async (session, index) => {
        await later(index * 600)
        note('shoppers', await ask(session, '/api/payment_methods/', card))
        note('shoppers', await ask(session, '/api/orders/0a1b2c3d4e/'))
      }),
    )
    isOver = true
    await loop
    for (const [who, outcomes] of Object.entries(counts)) t.comment(who, Object.fromEntries(outcomes))
    for (const outcomes of Object.values(counts)) t.equal(outcomes.get('by Forage'), undefined)
    t.equal(counts.shoppers.get('served'), 40, 'every shopper is served')
    t.ok((counts.looping.get('by the gateway') ?? 0) > 0, 'who loops is held back')
  },
)

t.test('two egress addresses carry twice as much, evenly', async t => {
  const { simulator, ask } = await startBench(t, 40, 60, ['127.0.0.2', '127.0.0.3'])
  const outcomes = []
  for (const session of sessions(simulator, 100)) outcomes.push(await ask(session, '/api/payment_methods/', card))
  const served = outcomes.filter(outcome => outcome === 'served').length
  // Tokenisation may use 90 of 100 places of each address; the rest is kept for payments.
  t.equal(served, 72)
  t.equal(outcomes.includes('by Forage'), false)
  t.equal(simulator.requestCount, 72)
})

t.test(
  'of payments, two addresses carry 1,800 in five minutes: 900 each, and not one more',
  { timeout: 90_000 },
  async t => {
    const localAddresses = ['127.0.0.2', '127.0.0.3']
    const { simulator, ask } = await startBench(t, 900, 300, localAddresses)
    const payment = { amount: 1, funding_type: 'ebt_snap', payment_method: '1f2e3d4c5b', metadata: {} }
    const outcomes = new Map<string, number>()
    const apps = sessions(simulator, 100).map(async session => {
      for (let count = 0; count < 19; count++) {
        const outcome = await ask(session, '/api/payments/', payment)
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      }
    })
    await Promise.all(apps)
    // 900 of each: had one address carried more, Forage would have refused it.
    t.same(Object.fromEntries(outcomes), { served: 1800, 'by the gateway': 100 })
    t.equal(simulator.requestCount, 1800)
  },
)
