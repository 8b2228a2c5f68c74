import { pathToFileURL } from 'node:url'
import t from 'tap'
import { budgetClassOf } from '../../src/limits/budget-class.ts'
import { createOpenBudget } from '../../src/limits/open-budget.ts'
import { createRepeatedReads } from '../../src/limits/repeated-reads.ts'
import { createUpstreamBudget } from '../../src/limits/upstream-budget.ts'
import { RateLimiter } from '../../src/simulator/rate-limiter.ts'

interface Row {
  readonly asked: number
  readonly served: number
  readonly refusedHere: number
  readonly refusedUpstream: number
  readonly longestWaitMs: number
}

interface Result {
  readonly checkouts: number
  readonly paid: number
  readonly upstream429: number
  readonly rows: ReadonlyMap<string, Row>
  readonly egressCounts: ReadonlyMap<string, number>
}

/** The simulation that the capacity page is made with: its parts are handed to it, here those of the sources. */
const { runScenario, tenMinutes } = (await import(pathToFileURL('bench/capacity-simulation.mjs').href)) as {
  runScenario(parts: object, scenario: object): Result
  tenMinutes: object
}
const parts = { budgetClassOf, createOpenBudget, createRepeatedReads, createUpstreamBudget, RateLimiter }
const run = (changes: object = {}) => runScenario(parts, { ...tenMinutes, ...changes })
const rowOf = ({ rows }: Result, name: string) => rows.get(name) as Row
const totalOf = ({ rows }: Result) => [...rows.values()].reduce((sum, { served }) => sum + served, 0)

const loops = {
  'polls one payment': {},
  'creates payments': { abuser: { call: { method: 'POST', template: '/api/payments/' }, pauseMs: 100 } },
  'sends cards': { abuser: { call: { method: 'POST', template: '/api/payment_methods/' }, pauseMs: 100 } },
}

for (const [what, changes] of Object.entries(loops)) {
  t.test(
    `beside 200 shoppers, an app that ${what} in a loop gets little, and the upstream refuses nothing`,
    async t => {
      const result = run(changes)
      t.equal(result.upstream429, 0)
      t.equal(result.checkouts, 200)
      const payments = rowOf(result, 'payments')
      t.equal(payments.refusedHere, 0)
      t.ok(payments.longestWaitMs <= 1500)
      t.ok(payments.served >= 350, `${payments.served} payments`)
      t.ok(result.paid >= 175, `${result.paid} shoppers paid`)
      const abuser = rowOf(result, 'abuser')
      t.ok(abuser.asked > 5000)
      t.ok(abuser.served * 7 < totalOf(result), `${abuser.served} requests of the loop`)
    },
  )
}

t.test(
  'the same ten minutes without the budget: the upstream refuses, payments fail, one app has the most',
  async t => {
    const result = run({ budget: null })
    t.ok(result.upstream429 > 1000)
    t.ok(rowOf(result, 'payments').refusedUpstream > 50)
    t.ok(rowOf(result, 'abuser').served > totalOf(result) / 3)
    t.ok(result.paid < 100)
  },
)

t.test('when all 200 come within a minute, whoever gets as far as paying pays', async t => {
  const result = run({ arriveWithinSec: 60 })
  t.equal(result.upstream429, 0)
  t.equal(rowOf(result, 'payments').refusedHere, 0)
  t.ok(rowOf(result, 'payments').longestWaitMs <= 1500)
})

t.test('alone, an app that polls is held to half of the budget at a time', async t => {
  const result = run({ shoppers: 0 })
  // Three windows begin within ten minutes.
  t.ok(rowOf(result, 'abuser').served <= 3 * 450)
  t.equal(result.upstream429, 0)
})

t.test('two addresses carry twice as much, evenly', async t => {
  const result = run({ shoppers: 400, localAddresses: ['127.0.0.2', '127.0.0.3'] })
  t.equal(result.upstream429, 0)
  t.equal(rowOf(result, 'payments').refusedHere, 0)
  const [first = 0, second = 0] = result.egressCounts.values()
  t.ok(Math.abs(first - second) <= 5, `${first} and ${second}`)
  t.ok(first + second > 2000)
})

t.test('four replicas behind one address that split its budget are refused nothing by the upstream', async t => {
  t.equal(run({ replicas: 4 }).upstream429, 0)
})
