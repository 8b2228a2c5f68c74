import t from 'tap'
import { keepLeases } from '../../src/gateway/leases.ts'
import type { LeaseGrant, LeaseReport } from '../../src/limits/budget-leases.ts'
import { createUpstreamBudget } from '../../src/limits/upstream-budget.ts'
import type { SharedState } from '../../src/state/shared-state.ts'

const limit = { requests: 900, windowSec: 300, maxWaitMs: 0 }

/** A budget whose slices come from a state that a test speaks for. */
function startLeases(renew: (report: LeaseReport) => Promise<LeaseGrant>, replicas = 1) {
  const clock = { now: 0 }
  const budget = createUpstreamBudget({ ...limit, localAddresses: [], now: () => clock.now, setTimer: () => () => {} })
  const left: (readonly [string, number])[] = []
  const leave = async (egress: string, used: number) => void left.push([egress, used])
  const state = { budget: { renew, leave }, replicas } as unknown as SharedState
  const leases = keepLeases({ budget, limit, state, now: () => clock.now })
  const allowance = () => budget.remaining()[0]?.allowance
  return { clock, budget, leases, left, allowance }
}

const away = () => Promise.reject(new Error('away'))

t.test('a slice that is granted is what may be sent', async t => {
  const reports: LeaseReport[] = []
  const { leases, allowance } = startLeases(async report => {
    reports.push(report)
    return { requests: 120, replicas: 3, expiresInMs: 3000 }
  })
  await leases.renew()
  t.equal(allowance(), 120)
  t.same(reports, [{ egress: '', requests: 900, used: 0, waiting: 0 }])
  await leases.close()
})

t.test('what is used is told with each renewal, and at the end', async t => {
  const reports: LeaseReport[] = []
  const { budget, leases, left } = startLeases(async report => {
    reports.push(report)
    return { requests: 100, replicas: 2, expiresInMs: 3000, usedByOthers: 5 }
  })
  await leases.renew()
  const ask = { class: 'payments', session: 's', onTurn() {}, onRefused() {} } as const
  for (let count = 0; count < 7; count++) budget.enter(ask)
  await leases.renew()
  t.equal(reports[1]?.used, 7)
  await leases.close()
  t.same(left, [['', 7]])
})

t.test('a state that was never there leaves the process an equal part of the replicas it knows: all of it', async t => {
  const { leases, allowance } = startLeases(away)
  await leases.renew()
  t.equal(allowance(), 900)
  await leases.close()
})

t.test('a state that goes away leaves what was held, and an equal part once a window has passed', async t => {
  let isAway = false
  const { clock, leases, allowance } = startLeases(async () => {
    if (isAway) throw new Error('away')
    return { requests: 100, replicas: 3, expiresInMs: 3000 }
  })
  await leases.renew()
  isAway = true
  await leases.renew()
  t.equal(allowance(), 100)
  clock.now = 330_999
  await leases.renew()
  t.equal(allowance(), 100)
  clock.now = 331_000
  await leases.renew()
  t.equal(allowance(), 300)
  isAway = false
  await leases.renew()
  t.equal(allowance(), 100, 'and is obeyed again when it is back')
  await leases.close()
})

t.test('a state that does not answer at the end keeps nobody', async t => {
  const { leases } = startLeases(away)
  await t.resolves(leases.close())
})
