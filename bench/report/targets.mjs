// The ratios that we mean to reach, and what a run says about them.
import { busy, cpuPerRequest, median, ratio, requestsPerSecond } from './statistics.mjs'

/** Below this two p99 are the same. */
const tellableMs = 0.05

/**
 * @param results of a run: `comparisons` (by name, each a list of rows), `idle`, `starts`
 * @returns per target: `figure`, `aim` (`most` or `least`, `text`), `value` (undefined: not measured in this run), `text`, and a
 *   `note` where the value says nothing on this machine
 */
export function targetsOf({ comparisons, idle, starts }) {
  const row = (comparison, name) => comparisons[comparison]?.find(each => each.name === name)
  const cpu = (one, other) => one && other && ratio(cpuPerRequest, one, other)
  const speed = (one, other) => one && other && ratio(requestsPerSecond, one, other)
  const get = name => row('get', name)
  const own = get('gateway')
  const [forward, full] = [row('budget', 'forward'), row('budget', 'log')]
  const [one, two] = [row('workers', 'workers 1'), row('workers', 'workers 2')]
  return [
    atMost('CPU per GET, of @fastify/http-proxy + @fastify/jwt', 0.5, cpu(own, get('fastify'))),
    atMost('CPU per GET, of bare http-proxy', 0.65, cpu(own, get('httpProxy'))),
    atMost('CPU per GET, of HAProxy with jwt_verify and ACLs', 1.9, cpu(own, get('haproxy'))),
    atMost('what policy, log and metrics add to our forwarding, %', 12, forward && (cpu(full, forward) - 1) * 100, 1),
    atMost(
      'CPU per POST of 300 octets, of bare http-proxy',
      0.7,
      cpu(row('post', 'gateway'), row('post', 'httpProxy')),
    ),
    atLeast(
      'throughput of 10 MiB answers, of bare http-proxy',
      1,
      speed(row('download', 'gateway'), row('download', 'httpProxy')),
    ),
    { ...atMost('added p99 at 50 % of saturation, of bare http-proxy', 0.7), ...addedP99(comparisons['rate-50']) },
    atMost(
      'CPU of a refused request (wrong, never seen), of an allowed one',
      0.6,
      cpu(row('flood', 'gateway'), row('flood', 'gateway without')),
    ),
    atMost(
      'CPU with 10 % unseen tokens, of none',
      1.25,
      cpu(row('unseen', 'gateway'), row('unseen', 'gateway without')),
    ),
    atMost('resident memory after the GETs, MiB', 130, own?.residentMiB, 0),
    atMost('an idle connection, KiB', 12, idle?.find(({ name }) => name === 'gateway')?.kibEach, 1),
    atMost('cold start to first answer, ms', 350, startOf(starts), 0),
    { ...atLeast('two workers, throughput of one', 1.7, speed(two, one)), ...noteOnWorkers(two, one) },
  ]
}

function atMost(figure, most, value, digits = 2) {
  return { figure, aim: { most, text: `≤ ${most}` }, value, text: value?.toFixed(digits) }
}

function atLeast(figure, least, value, digits = 2) {
  return { figure, aim: { least, text: `≥ ${least}` }, value, text: value?.toFixed(digits) }
}

/** p99 above that of the load alone. Where that is no more than the load's own, there is nothing to compare. */
function addedP99(rows) {
  const p99 = name => rows?.find(each => each.name === name)?.rounds.map(({ p99Ms }) => p99Ms)
  const [ours, theirs, loads] = [p99('gateway'), p99('httpProxy'), p99('direct')]
  const added = all => median(all.map((ms, round) => ms - loads[round]))
  if (rows === undefined) return {}
  const figures = [added(ours), added(theirs)]
  const note = Math.min(...figures) < tellableMs ? { note: "the load's own p99 is as high" } : {}
  return { value: figures[0] / figures[1], text: (figures[0] / figures[1]).toFixed(2), ...note }
}

function startOf(starts) {
  const ms = starts?.find(({ name }) => name === 'gateway')?.ms
  return ms && median(ms)
}

/** Two workers and the load on two processors take the time from each other: then only CPU per request can be compared. */
function noteOnWorkers(two, one) {
  if (two === undefined || busy(two) > 1.8) return {}
  const most = (2 / ratio(cpuPerRequest, two, one)).toFixed(2)
  return {
    note: `the load limits: two processors were ${Math.round(busy(two) * 50)} % busy; by CPU per request ${most}`,
  }
}
