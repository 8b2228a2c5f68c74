// The gateway with some of its parts left out. The differences are what the parts cost.
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { startProgram } from '../programs/child.mjs'
import { writeConfig } from '../programs/gateway.mjs'
import { entrant } from './entrants.mjs'

/** The program that runs such a gateway: CONFIG PART… */
export const partGateway = fileURLToPath(new URL('part-gateway.mjs', import.meta.url))
const order = { work: 'get' }

/** One after the other: each row has what the ones before it have. */
export const steps = [
  { part: 'answer', title: 'accept, parse, answer', does: "Node's server with our settings answers by itself" },
  { part: 'forward', title: '+ forward', does: 'every request by one decision made once' },
  { part: 'decide', title: '+ decide', does: 'token (cached), route, scope, limits on clients' },
  { part: 'turns', title: '+ turns', does: 'the upstream budget; identical reads' },
  { part: 'metrics', title: '+ metrics', does: 'counters and histograms, not scraped' },
  { part: 'log', title: '+ access log', does: 'one line per request to a file' },
]

/** The rows, and the program itself for comparison. */
export const partEntrants = [
  ...steps.map(({ part, title, does }, index) => {
    const parts = steps.slice(0, index + 1).map(step => step.part)
    const own = { key: `part ${part}`, name: part, title, does, start: startWith(parts), order }
    return { ...own, logs: part === 'log', answersItself: part === 'answer' }
  }),
  entrant('gateway', order, { title: 'forage-gateway itself', does: 'all of it' }),
]

function startWith(parts) {
  return ({ folder, name, secret, upstream, processors }) => {
    const given = parts.includes('log') ? {} : { log: { level: 'silent' } }
    const config = writeConfig({ folder, name, secret, given, upstream: `http://127.0.0.1:${upstream.port}` })
    return startProgram({ command: process.execPath, args: [partGateway, config, ...parts], processors })
  }
}
