// Question: how many shoppers does one egress address carry, and what does the budget change?
// Workload: bench/capacity-simulation.mjs, the gateway's budget before the simulator's limit of 900 requests in 300 s, on
// a clock of its own; no sockets and no timing, so that every machine prints the same figures.
//   1. Ten minutes of 200 shoppers and one app that loops, with the budget and without it; and a rush.
//   2. The most shoppers in five minutes of which every payment call is served within maxWaitMs, and all but one in a
//      hundred of their other calls too, by calls per checkout, addresses and replicas; drawn into docs/capacity.svg.
// Run: node bench/capacity.mjs     (after npm run build; about a minute)
import { writeFileSync } from 'node:fs'
import process from 'node:process'
import { budgetClassOf } from '../dist/limits/budget-class.js'
import { createOpenBudget } from '../dist/limits/open-budget.js'
import { createRepeatedReads } from '../dist/limits/repeated-reads.js'
import { createUpstreamBudget } from '../dist/limits/upstream-budget.js'
import { RateLimiter } from '../dist/simulator/rate-limiter.js'
import { checkoutOf, runScenario, tenMinutes } from './capacity-simulation.mjs'

const parts = { budgetClassOf, createOpenBudget, createRepeatedReads, createUpstreamBudget, RateLimiter }
const classes = ['payments', 'issuing', 'tokenisation', 'reads', 'polling', 'abuser']
const callCounts = [4, 5, 6, 8, 10, 12, 16, 20, 24]
const fleets = [
  { name: '4 addresses', addresses: 4, replicas: 1, colour: '#1b7837' },
  { name: '2 addresses', addresses: 2, replicas: 1, colour: '#2166ac' },
  { name: '1 address', addresses: 1, replicas: 1, colour: '#b2182b' },
  { name: '1 address, 4 replicas that split it', addresses: 1, replicas: 4, colour: '#888888' },
]

print(`Node.js ${process.version}; figures do not depend on the machine`)
compare('200 shoppers and one app that polls in a loop, 10 minutes', tenMinutes)
compare('the same, looping over POST /api/payments/', {
  ...tenMinutes,
  abuser: { call: { method: 'POST', template: '/api/payments/' }, pauseMs: 100 },
})
compare('a rush: the 200 shoppers come within one minute', { ...tenMinutes, arriveWithinSec: 60 })
const curves = fleets.map(fleet => ({ ...fleet, shoppers: callCounts.map(calls => mostShoppers(calls, fleet)) }))
printCurves(curves)
writeFileSync(new URL('../docs/capacity.svg', import.meta.url), draw(curves))

function print(...lines) {
  process.stdout.write(`${lines.join('\n')}\n`)
}

function compare(title, scenario) {
  print('', title)
  for (const [name, budget] of [
    ['with the budget', scenario.budget],
    ['without', null],
  ]) {
    const result = runScenario(parts, { ...scenario, budget })
    print('', `${name}: ${result.upstream429} answers of 429 from upstream, ${result.paid} of 200 shoppers paid`)
    print(row(['', 'asked', 'served', 'refused here', 'by upstream', 'longest wait ms', 'share of upstream']))
    const served = [...result.rows.values()].reduce((sum, { served }) => sum + served, 0)
    for (const name of classes) print(row(cells(name, result.rows.get(name), served)))
  }
}

function cells(name, counts, total) {
  if (counts === undefined) return [name, 0, 0, 0, 0, 0, '0.0 %']
  const { asked, served, refusedHere, refusedUpstream, longestWaitMs } = counts
  const share = `${((served * 100) / total).toFixed(1)} %`
  return [name, asked, served, refusedHere, refusedUpstream, Math.round(longestWaitMs), share]
}

function row([first, ...others]) {
  return `${first.padEnd(14)}${others.map((cell, index) => String(cell).padStart([8, 8, 14, 13, 17, 19][index])).join('')}`
}

/** By halving, between what surely fits and what the limit alone would carry. */
function mostShoppers(calls, { addresses, replicas }) {
  let [fits, fails] = [0, Math.ceil((900 * addresses) / calls) + 1]
  while (fails - fits > 1) {
    const shoppers = Math.floor((fits + fails) / 2)
    if (isCarried(shoppers, calls, addresses, replicas)) fits = shoppers
    else fails = shoppers
  }
  return fits
}

/** A quarter of an hour at a level rate. */
function isCarried(shoppersInFiveMinutes, calls, addresses, replicas) {
  const { rows, upstream429 } = runScenario(parts, {
    ...tenMinutes,
    seed: 7,
    abuser: null,
    steps: checkoutOf(calls),
    polling: null,
    shoppers: shoppersInFiveMinutes * 3,
    arriveWithinSec: 900,
    durationSec: 960,
    localAddresses: Array.from({ length: addresses }, (_, index) => `address ${index + 1}`),
    replicas,
  })
  const all = [...rows.values()]
  const asked = all.reduce((sum, counts) => sum + counts.asked, 0)
  const refused = all.reduce((sum, counts) => sum + counts.refusedHere, 0)
  return upstream429 === 0 && (rows.get('payments')?.refusedHere ?? 0) === 0 && refused * 100 <= asked
}

function printCurves(all) {
  print('', 'most shoppers in five minutes, by calls per checkout')
  print(['calls'.padEnd(38), ...callCounts.map(calls => String(calls).padStart(6))].join(''))
  for (const { name, shoppers } of all)
    print([name.padEnd(38), ...shoppers.map(count => String(count).padStart(6))].join(''))
}

function draw(all) {
  const [width, height, left, bottom] = [720, 400, 60, 350]
  const highest = Math.ceil(Math.max(...all.flatMap(({ shoppers }) => shoppers)) / 100) * 100
  const x = calls => Math.round(left + ((calls - 4) * (width - left - 30)) / 20)
  const y = shoppers => Math.round(bottom - (shoppers * (bottom - 30)) / highest)
  const rules = Array.from({ length: highest / 100 + 1 }, (_, index) => index * 100).map(
    count =>
      `<path d="M${left} ${y(count)}H${width - 30}" stroke="#dddddd"/><text x="${left - 8}" y="${y(count) + 4}" text-anchor="end">${count}</text>`,
  )
  const marks = callCounts.map(calls => `<text x="${x(calls)}" y="${bottom + 18}" text-anchor="middle">${calls}</text>`)
  const lines = all.map(({ shoppers, colour, replicas }) => {
    const points = shoppers.map((count, index) => `${x(callCounts[index])},${y(count)}`).join(' ')
    const dashes = replicas > 1 ? ' stroke-dasharray="6 4"' : ''
    return `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2"${dashes}/>`
  })
  const legend = all.map(
    ({ name, colour }, index) =>
      `<text x="${width - 40}" y="${50 + index * 20}" text-anchor="end" fill="${colour}">${name}</text>`,
  )
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13" fill="#333333">`,
    `<title>Most shoppers in five minutes, by calls per checkout</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...rules,
    ...marks,
    ...lines,
    ...legend,
    `<text x="${(left + width - 30) / 2}" y="${height - 10}" text-anchor="middle">calls per checkout</text>`,
    `<text x="${left}" y="18">shoppers in five minutes</text>`,
    '</svg>',
  ].join('\n')}\n`
}
