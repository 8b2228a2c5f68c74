// A merchant's shoppers, one app that loops, the gateway's budget and Forage's limit, on a clock of their own: ten minutes
// pass in a second. The parts are the real ones, handed in; only the network and the people are made up here. Nothing
// reads a real clock or true randomness: the same seed gives the same run. Used by capacity.mjs and by the tests.
import { createWorld } from './simulated-time.mjs'

/** What one checkout asks for, in order; `afterSec` is the time the shopper takes before it. */
export const checkout = [
  { class: 'issuing', method: 'POST', template: '/api/session_token/', afterSec: 0 },
  { class: 'tokenisation', method: 'POST', template: '/api/payment_methods/', afterSec: 15 },
  { class: 'reads', method: 'GET', template: '/api/payment_methods/{ref}/', afterSec: 0 },
  { class: 'reads', method: 'GET', template: '/api/orders/{ref}/', afterSec: 1 },
  { class: 'payments', method: 'POST', template: '/api/payments/', afterSec: 5 },
  { class: 'payments', method: 'POST', template: '/api/payments/{ref}/capture/', afterSec: 10 },
]

/** Then the app asks what became of the payment: this often, every so many seconds. */
export const polls = { count: 8, everySec: 2, method: 'GET', template: '/api/payments/{ref}/' }

/** A checkout of a given number of calls: a session token, a card, two calls that pay, and reads for the rest. */
export function checkoutOf(calls) {
  const [token, card, read, , create, capture] = checkout
  return [token, card, ...new Array(calls - 4).fill(read), create, capture]
}

/** Ten minutes of 200 shoppers and an app that asks about one payment in a loop; Forage's limit as it is documented. */
export const tenMinutes = {
  seed: 1,
  shoppers: 200,
  arriveWithinSec: 480,
  durationSec: 600,
  limit: { requests: 900, windowSec: 300 },
  budget: { requests: 900, windowSec: 300, maxWaitMs: 1500 },
  abuser: { call: polls, pauseMs: 100 },
  /** One request in a hundred is given up as soon as it is sent, and arrives nevertheless. */
  isLate: true,
}

/**
 * Runs a scenario; see `tenMinutes`. Also: `steps` and `polling` of a checkout, `localAddresses`, and `replicas` that each
 * spend an equal part of the budget.
 *
 * @param parts the real code: `createUpstreamBudget`, `createOpenBudget`, `createRepeatedReads`, `budgetClassOf`,
 *   `RateLimiter` (the simulator's)
 * @returns what happened, counted
 */
export function runScenario(parts, scenario) {
  const world = createWorld(scenario.seed)
  const provider = new parts.RateLimiter(scenario.limit, () => world.now() / 1000)
  const tally = createTally()
  const gateways = Array.from({ length: scenario.replicas ?? 1 }, () => startGateway(parts, scenario, world))
  const ask = (shopper, call, onAnswer) => {
    const gateway = gateways[Math.floor(world.random() * gateways.length)]
    request({ world, provider, tally, gateway, isLate: scenario.isLate }, shopper, call, onAnswer)
  }
  for (let number = 0; number < scenario.shoppers; number++) {
    const startMs = world.random() * scenario.arriveWithinSec * 1000
    world.after(startMs, () => goShopping(world, ask, tally, `shopper ${number}`, scenario))
  }
  if (scenario.abuser) loop(world, ask, scenario.abuser)
  world.runUntil(scenario.durationSec * 1000)
  return { ...tally, egresses: gateways.flatMap(({ budget }) => budget.remaining()) }
}

function startGateway(parts, { budget, localAddresses = ['one'], replicas = 1 }, world) {
  const options = { ...budget, localAddresses, now: world.now, setTimer: world.setTimer }
  return {
    classOf: parts.budgetClassOf,
    repeats: parts.createRepeatedReads({ now: world.now }),
    budget:
      budget === null
        ? parts.createOpenBudget(localAddresses)
        : parts.createUpstreamBudget({ ...options, requests: Math.floor(budget.requests / replicas) }),
  }
}

/** One request through the gateway to the provider and back. `onAnswer` gets the seconds to wait when it is refused. */
function request({ world, provider, tally, gateway, isLate }, who, call, onAnswer) {
  const isRead = call.method === 'GET'
  const isRepeat = isRead && gateway.repeats.note(`${who} ${call.template} ${call.part ?? ''}`)
  const budgetClass = gateway.classOf(call.method, call.template, isRepeat)
  const askedAt = world.now()
  const row = tally.ask(who, budgetClass)
  gateway.budget.enter({
    class: budgetClass,
    session: who,
    onTurn(ticket) {
      row.longestWaitMs = Math.max(row.longestWaitMs, world.now() - askedAt)
      const isGivenUp = isLate === true && world.random() < 0.01
      if (isGivenUp) world.after(1, () => gateway.budget.done(ticket, 'aborted'))
      world.after(oneWayMs(world), () => {
        const seconds = provider.refuse(ticket.egress)
        tally.arrived(who, row, ticket.egress, seconds === null)
        world.after((seconds === null ? workMs(world) : 1) + oneWayMs(world), () => {
          if (seconds !== null) gateway.budget.noteThrottled(ticket.egress, seconds)
          gateway.budget.done(ticket, 'answered')
          onAnswer(seconds)
        })
      })
    },
    onRefused(seconds) {
      row.refusedHere++
      onAnswer(seconds)
    },
  })
}

/** A well-behaved app: waits as it is told, three times for each call, and then gives up. */
function goShopping(world, ask, tally, who, { steps = checkout, polling = polls }) {
  tally.checkouts++
  const go = index => {
    const call = steps[index]
    if (call === undefined) {
      tally.paid++
      poll(world, ask, who, polling, polling?.count ?? 0)
      return
    }
    world.after(call.afterSec * 1000 * (0.5 + world.random()), () => attempt(call, index, 1))
  }
  const attempt = (call, index, tries) =>
    ask(who, { ...call, part: index }, seconds => {
      if (seconds === null) go(index + 1)
      else if (tries < 4) world.after(seconds * 1000, () => attempt(call, index, tries + 1))
    })
  go(0)
}

function poll(world, ask, who, polling, left) {
  if (left === 0) return
  world.after(polling.everySec * 1000, () => ask(who, polling, () => poll(world, ask, who, polling, left - 1)))
}

/** An app that asks again as soon as it is answered, and a little later when it is refused, whatever it is told. */
function loop(world, ask, { call, pauseMs }) {
  let count = 0
  const again = () =>
    ask('abuser', { ...call, part: call.method === 'GET' ? '' : count++ }, seconds =>
      world.after(seconds === null ? 0 : pauseMs, again),
    )
  again()
}

function createTally() {
  const rows = new Map()
  const egressCounts = new Map()
  const emptyRow = () => ({ asked: 0, refusedHere: 0, refusedUpstream: 0, served: 0, longestWaitMs: 0 })
  return {
    checkouts: 0,
    paid: 0,
    upstream429: 0,
    /** Counts by class, the abuser's apart. */
    rows,
    /** Requests that the provider took, by egress address. */
    egressCounts,
    ask(who, budgetClass) {
      const name = who === 'abuser' ? 'abuser' : budgetClass
      const row = rows.get(name) ?? emptyRow()
      rows.set(name, row)
      row.asked++
      return row
    },
    arrived(_who, row, egress, isTaken) {
      if (isTaken) {
        row.served++
        egressCounts.set(egress, (egressCounts.get(egress) ?? 0) + 1)
      } else {
        row.refusedUpstream++
        this.upstream429++
      }
    },
  }
}

/** From us to the provider, or back: 15 ms and up, one in a hundred much later. */
function oneWayMs(world) {
  const slow = world.random() < 0.01 ? 3000 * world.random() : 0
  return 15 - 25 * Math.log(1 - world.random()) + slow
}

function workMs(world) {
  return 40 + 260 * world.random()
}
