import type { Policy } from '../gate/policy.ts'
import type { VerifyMode } from '../session/verify-mode.ts'
import type { ConsoleData } from './console-data.ts'
import { type Html, html } from './console-html.ts'
import type { SessionCounts } from './console-sessions.ts'
import { type ConsoleFacts, configurationView } from './console-view-configuration.ts'
import { nowView } from './console-view-now.ts'
import { policyView } from './console-view-policy.ts'
import { sessionsView } from './console-view-sessions.ts'
import { explainView, tokenView } from './console-view-tools.ts'
import { consoleViews } from './console-views.ts'
import type { NumberedDecision } from './live-decisions.ts'

export interface ConsolePage {
  readonly facts: ConsoleFacts & { readonly verify: VerifyMode }
  readonly policy: Policy
  readonly data: ConsoleData
  readonly decisions: readonly NumberedDecision[]
  readonly sessions: SessionCounts
  /** Whether there is an admin token: without one nothing can be changed here. */
  readonly hasToken: boolean
}

/** The whole console, with what is known at this moment. The script keeps it up to date, and makes the forms work. */
export function consolePage({ facts, policy, data, decisions, sessions, hasToken }: ConsolePage): string {
  return html`<!doctype html>
<html lang="en">
${head(facts)}
<body>
<a class="skip" href="#main">Skip to the content</a>
<header>
<h1>Forage gateway</h1>
<p class="badges"><span class="badge environment">${facts.environment}</span>
<span class="badge ${data.isReady ? 'good' : 'bad'}" id="readiness">${data.isReady ? 'ready' : 'not ready'}</span>
<span class="badge" id="freshness">as of ${new Date(data.at).toISOString().slice(11, 19)} UTC</span></p>
${tokenForm(hasToken)}
</header>
<nav aria-label="Views"><ul>${consoleViews.map(({ name, title }) => html`<li><a href="#${name}" data-view="${name}">${title}</a></li>`)}</ul></nav>
<main id="main" tabindex="-1">
<noscript><p class="notice">Without its script this page shows the moment at which it was loaded.</p></noscript>
${nowView({ data, decisions, processes: facts.workers })}
${policyView(policy, data.configuration.policyDigest)}
${tokenView()}
${explainView()}
${sessionsView(sessions, facts.verify)}
${configurationView(facts, data)}
</main>
<footer><p>forage-gateway ${facts.version} · <a href="/status">status</a> · <a href="/metrics">metrics</a> · <a href="/openapi.json">admin API</a></p></footer>
<p class="hidden" role="status" id="announcement"></p>
</body>
</html>
`.text
}

function head({ environment }: ConsoleFacts): Html {
  return html`<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${environment} · Forage gateway</title>
<link rel="icon" href="${icon}">
<link rel="stylesheet" href="/console/uplot.css">
<link rel="stylesheet" href="/console/console.css">
<script src="/console/uplot.js" defer></script>
<script src="/console/console.js" type="module"></script>
</head>`
}

/** A door. Data, so that no other file is asked for. */
const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%230f766e'/%3E%3Cpath d='M5 13V4h6v9M9 8.5h.01' stroke='white' stroke-width='1.6' fill='none' stroke-linecap='round'/%3E%3C/svg%3E"

/** The field has no name, and is in no form that is sent: the token stays in this page's memory. */
function tokenForm(hasToken: boolean): Html {
  if (!hasToken) return html`<p class="note token">No admin token is configured: this console only reads.</p>`
  return html`
<form id="admin-token-form" class="token scripted" autocomplete="off">
<label id="admin-token-label" for="admin-token">Admin token</label>
<input id="admin-token" type="password" autocomplete="off" spellcheck="false" autocapitalize="off">
<button type="submit" id="admin-token-use" class="quiet">Use</button>
<button type="button" id="admin-token-forget" class="quiet" hidden>Forget</button>
<span class="note" id="admin-token-state">Reading only</span>
</form>`
}
