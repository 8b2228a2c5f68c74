// The tables of a run, as text.
import { busy, cpuPerRequest, median, ratio, requestsPerSecond, spread } from './statistics.mjs'

/** Below this the proxy had time left: its throughput is that of the load or of the upstream. */
const isBusyAbove = 0.9
const columns = [
  ['', 38],
  ['CPU µs/req', 12],
  ['±', 7],
  ['ours/its', 10],
  ['req/s', 9],
  ['p50 ms', 9],
  ['p99 ms', 9],
  ['MiB', 7],
  ['busy', 7],
]

/** @param comparison `title`, `rows`; the first row is the one that the others are compared with */
export function comparisonTable({ title, rows, isOneByOne = false }) {
  const lines = rows.map((row, index) => line(cellsOf(row, isOneByOne ? rows[index - 1] : rows[0], isOneByOne)))
  const names = columns.map(([name]) => (isOneByOne && name === 'ours/its' ? '+ µs' : name))
  return [title, line(names), ...lines, ''].join('\n')
}

function cellsOf(row, other, isOneByOne) {
  const cpu = cpuPerRequest(row)
  const share = busy(row)
  const latency = [row.rounds.map(({ p50Ms }) => p50Ms), row.rounds.map(({ p99Ms }) => p99Ms)]
  const isDirect = row.name === 'direct'
  const mark = !isDirect && share < isBusyAbove && row.order.rate === undefined ? '*' : ''
  return [
    row.title,
    isDirect ? '' : figure(median(cpu)),
    isDirect ? '' : `${Math.round(spread(cpu) * 100)} %`,
    isDirect ? '' : isOneByOne ? addedTo(row, other) : ratio(cpuPerRequest, other, row).toFixed(2),
    `${Math.round(median(requestsPerSecond(row)))}${mark}`,
    ...latency.map(values => median(values).toFixed(2)),
    isDirect ? '' : Math.round(row.residentMiB),
    isDirect ? '' : `${Math.round(share * 100)} %`,
  ]
}

/** What a row costs more than the one before it, of rounds side by side. The last row stands for itself. */
function addedTo(row, before) {
  return before === undefined || row.name === 'gateway' ? '' : figure(added(row, before))
}

/** Microseconds: the median of the differences of rounds that stood side by side. */
export function added(row, before) {
  const others = cpuPerRequest(before)
  return median(cpuPerRequest(row).map((cpu, round) => cpu - others[round]))
}

/** The last two parts, against both off. */
export function togetherLine(rows) {
  const [turns, log] = ['turns', 'log'].map(part => rows.find(({ name }) => name === part))
  const together = added(log, turns)
  const percent = (together / median(cpuPerRequest(log))) * 100
  return `metrics and access log together, against both off: ${figure(together)} µs, ${percent.toFixed(0)} % of the whole\n`
}

export function idleTable(rows) {
  const head = line(['idle keep-alive connections', 'KiB each', '', '', '', '', 'before', 'MiB', ''])
  const lines = rows.map(({ title, count, kibEach, beforeMiB, afterMiB }) =>
    line([title, kibEach.toFixed(1), '', '', count, '', Math.round(beforeMiB), Math.round(afterMiB), '']),
  )
  return [head, ...lines, ''].join('\n')
}

export function startTable(rows) {
  const head = line(['cold start to first answer', 'ms', '±', 'ours/its', '', '', '', '', ''])
  const lines = rows.map(row => {
    const ours = ratio(({ ms }) => ms, rows[0], row).toFixed(2)
    return line([row.title, figure(median(row.ms)), `${Math.round(spread(row.ms) * 100)} %`, ours, '', '', '', '', ''])
  })
  return [head, ...lines, ''].join('\n')
}

/** @param isJudged false for a quick run: it says nothing about a target */
export function targetTable(targets, isJudged) {
  const head = `${'target'.padEnd(70)}${'aim'.padStart(9)}${'here'.padStart(10)}`
  const lines = targets.map(target => {
    const { figure: name, aim, value, text } = target
    const here = value === undefined ? '–' : text
    return `${name.padEnd(70)}${aim.text.padStart(9)}${here.padStart(10)}  ${verdictOn(target, isJudged)}`.trimEnd()
  })
  const remark = isJudged ? [] : ['(a quick run: the platform is not warm, and rounds are short; no verdict)']
  return [head, ...lines, ...remark, ''].join('\n')
}

function verdictOn({ aim, value, note }, isJudged) {
  if (value === undefined) return 'not measured'
  if (note !== undefined) return `? ${note}`
  return isJudged ? isMet(value, aim) : ''
}

function isMet(value, { most = Number.POSITIVE_INFINITY, least = Number.NEGATIVE_INFINITY }) {
  return value <= most && value >= least ? 'met' : 'missed'
}

export function machineLines({ date, commit, processor, processors, memoryGiB, kernel, loadBefore, places, versions }) {
  const { proxy, load, upstream } = places
  const pins = proxy === null ? 'not pinned' : `proxy on ${proxy}, load on ${load}, upstream on ${upstream}`
  return [
    `${processor}, ${processors} processors (${pins}), ${memoryGiB} GiB, ${kernel}, load average ${loadBefore.toFixed(2)} before`,
    `commit ${commit}, ${date}`,
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
    '',
  ].join('\n')
}

function figure(value) {
  return value >= 1000 ? String(Math.round(value)) : value.toFixed(1)
}

function line(cells) {
  return cells
    .map((cell, index) => {
      const width = columns[index][1]
      return index === 0 ? String(cell).padEnd(width) : String(cell).padStart(width)
    })
    .join('')
    .trimEnd()
}
