import type { ReloadNote } from '../gateway/reload-history.ts'
import type { ConsoleData } from './console-data.ts'
import { type Html, html } from './console-html.ts'
import { table, viewSection } from './console-views.ts'

/** What is in force until the gateway is started again. */
export interface ConsoleFacts {
  readonly version: string
  readonly environment: string
  readonly upstream: string
  readonly verify: string
  readonly proves: string
  readonly state: string
  readonly workers: number
}

export function configurationView(facts: ConsoleFacts, { configuration }: Pick<ConsoleData, 'configuration'>): Html {
  const { problems, needRestart, history } = configuration
  return viewSection(
    'configuration',
    'Configuration',
    html`
<dl class="facts">${factRows(facts).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<div class="notice bad" id="problems"${problems.length === 0 ? html` hidden` : ''}>
<p>The files as they are now are not fit to be used; what was in force before stays:</p>
<ul id="problem-list">${problems.map(problem => html`<li>${problem}</li>`)}</ul></div>
<div class="notice" id="need-restart"${needRestart.length === 0 ? html` hidden` : ''}>
<p>New values of these keys wait for a restart:</p>
<ul id="restart-list">${needRestart.map(key => html`<li><code>${key}</code></li>`)}</ul></div>
<h3>Generations</h3>
<p class="note">The last 20 configurations that were read, the newest first.</p>
${table({
  id: 'generations',
  caption: 'Generations of the configuration',
  headings: ['When (UTC)', 'Result', 'In force', 'Policy', 'Needs a restart', 'Problems'],
  rows: history.map(generationRow),
})}`,
  )
}

function factRows(facts: ConsoleFacts): readonly (readonly [string, string])[] {
  const { version, environment, upstream, verify, proves, state, workers } = facts
  return [
    ['Version', version],
    ['Environment', environment],
    ['Payments API', upstream],
    ['Verification', `${verify}: ${proves}`],
    ['State', state],
    ['Processes', String(workers)],
  ]
}

function generationRow({ at, result, generation, policyDigest, needRestart, problems }: ReloadNote) {
  return [
    at.slice(0, 19).replace('T', ' '),
    html`<span class="verdict ${result === 'success' ? 'allow' : 'deny'}">${result === 'success' ? 'in force' : 'refused'}</span>`,
    `generation ${generation}`,
    html`<code>${policyDigest}</code>`,
    needRestart.join(', ') || '–',
    problems.length || '–',
  ]
}
