import type { ConsoleData } from './console-data.ts'
import { type Html, html } from './console-html.ts'
import { milliseconds, table, viewSection } from './console-views.ts'
import type { NumberedDecision } from './live-decisions.ts'

/** Decisions that the page shows at most; the newest is on top. */
const shownDecisions = 50

export interface NowParts {
  readonly data: ConsoleData
  readonly decisions: readonly NumberedDecision[]
  /** How many processes serve. */
  readonly processes: number
}

export function nowView({ data, decisions, processes }: NowParts): Html {
  const minutes = Math.round(data.windowSec / 60)
  return viewSection(
    'now',
    'Now',
    html`
<p class="lead">The last ${minutes} minutes, in intervals of ${data.intervalSec} seconds.</p>
<dl class="tiles">${tilesOf(data)}</dl>
<div class="columns">
${figure('requests', 'Requests per second', 'Requests per second that were let through, and that were refused.')}
${figure('latency', 'Latency', 'Latency of the gateway itself and of Forage: median and 99th percentile.')}
</div>
<div class="columns">
<section aria-labelledby="reasons-heading">
<h3 id="reasons-heading">Refusals and faults by reason</h3>
${reasonsTable(data)}
</section>
<section aria-labelledby="budget-heading">
<h3 id="budget-heading">Budget at Forage</h3>
<div id="budget">${budgetGauges(data)}</div>
</section>
</div>
<section aria-labelledby="tail-heading">
<div class="bar"><h3 id="tail-heading">Live decisions</h3>
<button type="button" id="tail-pause" class="quiet scripted" aria-pressed="false">Pause</button></div>
<p class="note">The newest on top; route templates and keyed fingerprints, never paths, tokens or addresses.${
      processes > 1
        ? ' Several processes serve: each tells up to 20 decisions a second, so that not every one is here. The figures above are of all.'
        : ''
    }</p>
${decisionsTable(decisions)}
</section>`,
  )
}

function tilesOf({ totals, inflight }: ConsoleData): readonly Html[] {
  const { requests, allowed, denied, faults, ours, upstream } = totals
  return [
    tile('requests', 'Requests', String(requests), `${inflight} under way`),
    tile('allowed', 'Let through', String(allowed), `${faults} got no answer of Forage`),
    tile('denied', 'Refused', String(denied), `${share(denied, requests)} of all`),
    tile('ours', 'Ours, 99th percentile', milliseconds(ours.p99), `median ${milliseconds(ours.p50)}`),
    tile('upstream', 'Forage’s, 99th percentile', milliseconds(upstream.p99), `median ${milliseconds(upstream.p50)}`),
  ]
}

function share(part: number, whole: number): string {
  return whole === 0 ? '0 %' : `${Math.round((part / whole) * 1000) / 10} %`
}

function tile(name: string, term: string, value: string, note: string): Html {
  return html`<div class="tile ${name}"><dt>${term}</dt><dd><span class="figure" id="total-${name}">${value}</span>
<span class="note" id="note-${name}">${note}</span></dd></div>`
}

/** A plot, what it shows in words, and its numbers as a table: both are filled by the script. */
function figure(name: string, title: string, description: string): Html {
  return html`
<figure class="scripted" aria-labelledby="plot-${name}-title">
<figcaption id="plot-${name}-title">${title}</figcaption>
<div class="plot" id="plot-${name}" role="img" aria-label="${description}"></div>
<p class="note" id="plot-${name}-words">${description}</p>
<details><summary>As a table</summary><div id="plot-${name}-table"></div></details>
</figure>`
}

function reasonsTable({ reasons }: ConsoleData): Html {
  const most = Math.max(1, ...reasons.map(({ count }) => count))
  return html`${table({
    id: 'reasons',
    caption: 'Refusals and faults by reason',
    headings: ['Reason', 'Requests', 'Share'],
    rows: reasons.map(({ reason, meaning, count }) => [
      html`${reason} <span class="note">${meaning}</span>`,
      count,
      bar(count / most),
    ]),
  })}
<p class="note" id="no-reasons"${reasons.length > 0 ? html` hidden` : ''}>Nothing was refused.</p>`
}

function bar(part: number): Html {
  const width = `${Math.round(part * 100)}%`
  return html`<svg class="share" aria-hidden="true" focusable="false"><rect width="${width}" height="100%"/></svg>`
}

function budgetGauges({ budget }: ConsoleData): Html {
  if (budget.length === 0) return html`<p class="note">No budget is configured: requests are sent as they come.</p>`
  return html`${budget.map(
    ({ egress, remaining, allowance }) => html`
<div class="gauge"><span class="gauge-name">${egress === 'default' ? 'Requests left' : `Requests left from ${egress}`}</span>
<span class="gauge-figure">${remaining} of ${allowance}</span>
<meter min="0" max="${allowance}" low="${allowance / 10}" optimum="${allowance}" value="${remaining}"
aria-label="Requests left${egress === 'default' ? '' : ` from ${egress}`}">${remaining} of ${allowance}</meter></div>`,
  )}`
}

function decisionsTable(decisions: readonly NumberedDecision[]): Html {
  const newest = decisions.slice(-shownDecisions).reverse()
  return html`${table({
    id: 'decisions',
    caption: 'Live decisions, the newest first',
    headings: ['Time (UTC)', 'Request', 'Status', 'Decision', 'Scope', 'Use case', 'Took', 'Session'],
    rows: newest.map(each => [
      new Date(each.time).toISOString().slice(11, 19),
      `${each.method} ${each.route === 'none' ? '(no route)' : each.route}`,
      each.status,
      html`<span class="verdict ${each.decision}">${each.decision}</span> ${each.reason ?? wouldDeny(each)}`,
      each.scope ?? '–',
      each.use_case ?? '–',
      milliseconds(each.duration_ms),
      each.session ?? '–',
    ]),
  })}
<p class="note" id="no-decisions"${newest.length > 0 ? html` hidden` : ''}>No request has come yet.</p>`
}

function wouldDeny({ would_deny }: NumberedDecision): string {
  return would_deny === null ? '' : `(reported: ${would_deny})`
}
