import { byId, element, milliseconds, row, setText, show } from './elements.js'
import { byMinute, createPlot } from './plots.js'

const requests = createPlot('requests', {
  lines: [
    { label: 'let through', colour: 'good', fill: true },
    { label: 'refused', colour: 'bad', dash: [5, 4] },
  ],
  format: perSecond,
  headings: ['Minute (UTC)', 'Let through', 'Refused'],
  rows: ({ series }) =>
    byMinute(series, [series.allowed, series.denied], counts => String(counts.reduce((sum, count) => sum + count, 0))),
  words({ columns: [, allowed, denied] }) {
    const most = Math.max(0, ...allowed.map((value, index) => value + denied[index]))
    return most === 0 ? 'No request has come yet.' : `At most ${perSecond(most)} in an interval.`
  },
})

const latency = createPlot('latency', {
  lines: [
    { label: 'ours, 99th percentile', colour: 'accent' },
    { label: 'ours, median', colour: 'accent', dash: [2, 3] },
    { label: 'Forage’s, 99th percentile', colour: 'other' },
    { label: 'Forage’s, median', colour: 'other', dash: [2, 3] },
  ],
  format: milliseconds,
  headings: ['Minute (UTC)', 'Ours, longest 99th percentile', 'Forage’s, longest 99th percentile'],
  rows: ({ series }) => byMinute(series, [series.oursP99, series.upstreamP99], values => milliseconds(longest(values))),
  words({ totals: { ours, upstream } }) {
    if (ours.p99 === null) return 'Nothing to measure yet.'
    return `99 of 100 requests took us at most ${milliseconds(ours.p99)}, and Forage ${milliseconds(upstream.p99)}.`
  },
})

function perSecond(value) {
  return `${(value ?? 0).toFixed(1)} per second`
}

function longest(values) {
  const known = values.filter(value => value !== null)
  return known.length === 0 ? null : Math.max(...known)
}

/** Shows what `/console/data` tells of the moment. */
export function showNow(data) {
  showTotals(data)
  const { series, intervalSec } = data
  const rates = [series.allowed, series.denied].map(counts => counts.map(count => count / intervalSec))
  requests.update({ ...data, columns: [series.time, ...rates] })
  const times = [series.oursP99, series.oursP50, series.upstreamP99, series.upstreamP50]
  latency.update({ ...data, columns: [series.time, ...times] })
  showReasons(data)
  showBudget(data)
}

function showTotals({ totals, inflight }) {
  const { requests: all, allowed, denied, faults, ours, upstream } = totals
  const share = all === 0 ? 0 : Math.round((denied / all) * 1000) / 10
  setText('total-requests', String(all))
  setText('note-requests', `${inflight} under way`)
  setText('total-allowed', String(allowed))
  setText('note-allowed', `${faults} got no answer of Forage`)
  setText('total-denied', String(denied))
  setText('note-denied', `${share} % of all`)
  setText('total-ours', milliseconds(ours.p99))
  setText('note-ours', `median ${milliseconds(ours.p50)}`)
  setText('total-upstream', milliseconds(upstream.p99))
  setText('note-upstream', `median ${milliseconds(upstream.p50)}`)
}

function showReasons({ reasons }) {
  const most = Math.max(1, ...reasons.map(({ count }) => count))
  const rows = reasons.map(({ reason, meaning, count }) => {
    const words = element('span', {}, `${reason} `, element('span', { class: 'note' }, meaning))
    return row([words, String(count), bar(count / most)])
  })
  byId('reasons').replaceChildren(...rows)
  show('no-reasons', rows.length === 0)
}

function bar(part) {
  const space = 'http://www.w3.org/2000/svg'
  const [made, filled] = [document.createElementNS(space, 'svg'), document.createElementNS(space, 'rect')]
  made.setAttribute('class', 'share')
  made.setAttribute('aria-hidden', 'true')
  filled.setAttribute('width', `${Math.round(part * 100)}%`)
  filled.setAttribute('height', '100%')
  made.append(filled)
  return made
}

function showBudget({ budget }) {
  const gauges = [...byId('budget').querySelectorAll('.gauge')]
  for (const [index, { remaining, allowance }] of budget.entries()) {
    const words = `${remaining} of ${allowance}`
    gauges[index]?.querySelector('meter').setAttribute('value', String(remaining))
    const figure = gauges[index]?.querySelector('.gauge-figure')
    if (figure && figure.textContent !== words) figure.textContent = words
  }
}
