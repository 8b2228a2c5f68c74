// Measures several proxies side by side: a warm-up of each, then rounds A B C A B C, so that whatever the machine does in
// the meantime happens to all of them.
import { processTree, residentMiB } from '../load/process-cost.mjs'
import { takeLog } from '../programs/stage.mjs'

/**
 * @param entrants see `entrants.mjs`
 * @param pace `rounds`, `measureMs`; `warmMs`, and how many requests that has to be (`warmRequests`)
 * @returns a row per entrant: what its rounds measured, and its resident memory at the end (MiB)
 */
export async function inRounds(stage, entrants, { rounds, measureMs, warmMs, warmRequests }, tell) {
  const rows = entrants.map(entrant => ({ ...entrant, rounds: [], residentMiB: 0, answered: 0 }))
  for (const row of rows) {
    tell(`warm-up: ${row.title}`)
    row.instance = await instanceOf(stage, row)
    // It is requests that make the platform compile what is used often, not time; a large answer is many pieces.
    await measure(stage, row, warmMs, row.order.work === 'download' ? undefined : warmRequests)
  }
  for (let round = 1; round <= rounds; round++) {
    for (const row of rows) {
      tell(`round ${round} of ${rounds}: ${row.title}`)
      row.rounds.push(await measure(stage, row, measureMs))
    }
  }
  for (const row of rows) if (row.instance.pid !== null) row.residentMiB = residentMiB(processTree(row.instance.pid))
  return rows
}

/** `direct`: the load goes straight to the upstream, which shows what the load itself can do. */
async function instanceOf(stage, { key, start, place }) {
  if (start !== null) return stage.proxy(key, start, place)
  const upstream = await stage.upstream(place?.isTls ?? false)
  return { pid: null, port: upstream.port, upstream }
}

async function measure(stage, row, measureMs, fewest) {
  const { instance, order, title, logs, answersItself = false } = row
  const { port, pid, upstream } = instance
  const before = await upstream.counts()
  const ran = await tellLoad(stage, title, { kind: 'run', rate: null, ...order, port, pid, measureMs, fewest })
  const after = await upstream.counts()
  row.answered += ran.allowed
  const arrived = after.requests - before.requests
  if (arrived !== (answersItself ? 0 : ran.allowed) || after.faults !== before.faults)
    throw new Error(`${title}: ${ran.allowed} requests were answered; ${arrived} came to the upstream`)
  // A line has some hundred octets, and the last ones may not be written yet.
  if (logs && takeLog(instance) < ran.allowed * 100) throw new Error(`${title}: it did not log its requests`)
  return ran
}

async function tellLoad(stage, title, order) {
  try {
    return await stage.tellLoad(order)
  } catch (error) {
    throw new Error(`${title}: ${error.message}`)
  }
}
