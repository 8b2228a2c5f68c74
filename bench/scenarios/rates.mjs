// Latency at fixed rates: the same rate for everybody, a share of what bare http-proxy can do.
import { direct, everybody } from './entrants.mjs'
import { inRounds } from './rounds.mjs'

const shares = [0.25, 0.5]

/**
 * @param saturation requests per second of bare http-proxy, where they were measured before
 * @param pace see `inRounds`; `rates`: how many of the shares, the last ones
 * @returns one table per rate
 */
export async function atRates(stage, saturation, { rates = shares.length, ...pace }, tell) {
  const most = saturation ?? (await saturationOf(stage, pace, tell))
  const tables = []
  for (const share of shares.slice(-rates)) {
    const rate = Math.round((most * share) / 100) * 100
    const order = { work: 'get', rate }
    const rows = await inRounds(stage, [...everybody(order), direct(order)], pace, tell)
    const title = `GET at ${rate} requests/s: ${share * 100} % of what bare http-proxy can do`
    tables.push({ name: `rate-${share * 100}`, title, rate, rows })
  }
  return tables
}

async function saturationOf(stage, pace, tell) {
  const [row] = await inRounds(
    stage,
    everybody({ work: 'get' }, undefined, {}).filter(isBare),
    { ...pace, rounds: 1 },
    tell,
  )
  const [{ requests, ms }] = row.rounds
  return (requests * 1000) / ms
}

const isBare = ({ name }) => name === 'httpProxy'
