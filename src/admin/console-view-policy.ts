import type { Policy, Route } from '../gate/policy.ts'
import { describeReported } from '../gate/reported-routes.ts'
import { type Html, html } from './console-html.ts'
import { viewSection } from './console-views.ts'

/** Who a column of the matrix is about: sessions of a use case, or those of none. */
interface Column {
  readonly name: string
  readonly scopes: ReadonlySet<string>
}

/** Every route by its scope, and which sessions may use it. What is not listed is refused. */
export function policyView(policy: Policy, digest: string): Html {
  const columns = [
    { name: 'By default', scopes: policy.defaultScopes },
    ...[...policy.useCases].map(([name, scopes]) => ({ name, scopes })),
  ]
  const claim =
    policy.scopeClaim === null
      ? html`No claim of a token narrows this.`
      : html`The claim <code>${policy.scopeClaim}</code> of a verified token narrows this, and never widens it.`
  return viewSection(
    'policy',
    'Policy',
    html`
<p class="lead">${policy.routes.length} routes in ${policy.scopes.length} scopes. What is not listed is refused. ${claim}</p>
<p class="note">Digest <code id="policy-digest">${digest}</code></p>
${reportedNotice(policy)}
<p class="notice" id="policy-changed" hidden>Another policy is in force by now. <a href="/#policy">Load the page again</a>.</p>
${matrix(policy, columns)}`,
  )
}

function reportedNotice(policy: Policy): Html {
  const words = describeReported(policy)
  return words === undefined ? html`` : html`<p class="notice">${words}</p>`
}

function matrix(policy: Policy, columns: readonly Column[]): Html {
  const caption = 'Routes by scope, and the sessions that may use them'
  const routesOf = (scope: string): readonly Route[] => policy.routes.filter(route => route.scope === scope)
  return html`
<div class="scroll" role="region" tabindex="0" aria-label="${caption}">
<table class="matrix">
<caption class="hidden">${caption}</caption>
<thead><tr><th scope="col">Route</th>${columns.map(({ name }) => html`<th scope="col">${name}</th>`)}</tr></thead>
${policy.scopes.map(scope => html`<tbody>${scopeRow(scope, columns.length)}${routesOf(scope).map(route => routeRow(route, columns, policy))}</tbody>`)}
</table>
</div>`
}

function scopeRow(scope: string, columns: number): Html {
  return html`<tr class="scope"><th scope="rowgroup" colspan="${columns + 1}">${scope}</th></tr>`
}

function routeRow(route: Route, columns: readonly Column[], { reportedRoutes }: Policy): Html {
  const { method, template, scope } = route
  const reported = reportedRoutes.has(route) ? html` <span class="tag">reported</span>` : ''
  return html`<tr><th scope="row"><span class="method">${method}</span> <code>${template}</code>${reported}</th>${columns.map(
    ({ scopes }) => (scopes.has(scope) ? granted : notGranted),
  )}</tr>`
}

const granted = html`<td class="granted"><span aria-hidden="true">✓</span><span class="hidden">granted</span></td>`
const notGranted = html`<td class="not-granted"><span aria-hidden="true">·</span><span class="hidden">not granted</span></td>`
