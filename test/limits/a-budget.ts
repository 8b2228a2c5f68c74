import type { BudgetClass } from '../../src/limits/budget-class.ts'
import type { BudgetTicket, UpstreamBudget } from '../../src/limits/budget-ticket.ts'
import { createUpstreamBudget, type UpstreamBudgetOptions } from '../../src/limits/upstream-budget.ts'

/** A clock in milliseconds that stands still until it is moved, and the timers that hang on it. */
export interface TestClock {
  now(): number
  setTimer(callBack: () => void, delayMs: number): () => void
  /** Moves on; each timer rings at its own time. */
  advance(ms: number): void
  /** The process is stopped for so long: every timer that was due rings after it. */
  stall(ms: number): void
  /** Timers that are set. */
  readonly timers: number
}

export function createTestClock(): TestClock {
  let nowMs = 0
  const timers = new Set<{ at: number; callBack: () => void }>()
  function ringDue(setNow: boolean, end: number): void {
    for (;;) {
      const [next] = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
      if (next === undefined) return
      timers.delete(next)
      if (setNow) nowMs = next.at
      next.callBack()
    }
  }
  return {
    now: () => nowMs,
    setTimer(callBack, delayMs) {
      const timer = { at: nowMs + delayMs, callBack }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    advance(ms) {
      const end = nowMs + ms
      ringDue(true, end)
      nowMs = end
    },
    stall(ms) {
      nowMs += ms
      ringDue(false, nowMs)
    },
    get timers() {
      return timers.size
    },
  }
}

/** One request, and what it was told. */
export interface Asked {
  readonly ticket: BudgetTicket
  /** 'waits', the seconds of a refusal, or 'turn'. */
  outcome: 'waits' | 'turn' | number
  /** When it was told, in milliseconds. */
  at: number
}

export interface TestBudget {
  readonly budget: UpstreamBudget
  readonly clock: TestClock
  ask(budgetClass: BudgetClass, session?: string): Asked
  /** Asks so many times, each for a session of its own, and has each answered at once. @returns how many had their turn */
  fill(budgetClass: BudgetClass, times: number): number
}

/** Ten requests in ten seconds, no margins, and a second of waiting, unless a test says otherwise. */
export function aBudget(overrides: Partial<UpstreamBudgetOptions> = {}): TestBudget {
  const clock = createTestClock()
  const budget = createUpstreamBudget({
    requests: 10,
    windowSec: 10,
    maxWaitMs: 1000,
    localAddresses: [],
    marginMs: 0,
    lateArrivalMs: 2000,
    now: clock.now,
    setTimer: clock.setTimer,
    ...overrides,
  })
  let sessions = 0
  function ask(budgetClass: BudgetClass, session = `session ${sessions++}`): Asked {
    const told: { outcome: Asked['outcome']; at: number } = { outcome: 'waits', at: clock.now() }
    function tell(outcome: Asked['outcome']): void {
      told.outcome = outcome
      told.at = clock.now()
    }
    const ticket = budget.enter({
      class: budgetClass,
      session,
      onTurn: () => tell('turn'),
      onRefused: seconds => tell(seconds),
    })
    return Object.assign(told, { ticket })
  }
  function fill(budgetClass: BudgetClass, times: number): number {
    let turns = 0
    for (let count = 0; count < times; count++) {
      const { ticket, outcome } = ask(budgetClass)
      budget.done(ticket, 'answered')
      if (outcome === 'turn') turns++
    }
    return turns
  }
  return { budget, clock, ask, fill }
}
