import { type Html, html } from './console-html.ts'
import { viewSection } from './console-views.ts'

/** Both forms are handled by the script: a browser never sends them by itself, and nothing of them stands in a URL. */
export function tokenView(): Html {
  return viewSection(
    'token',
    'Token inspector',
    html`
<p class="lead">What a token says of itself: nothing of it is proved, and its signature is not shown.</p>
<form id="token-form" class="scripted" autocomplete="off">
<label for="inspected-token">Token</label>
<textarea id="inspected-token" rows="4" required spellcheck="false" autocapitalize="off" autocorrect="off"
aria-describedby="inspected-token-hint"></textarea>
<p class="note" id="inspected-token-hint">It is sent to this gateway only, and kept nowhere.</p>
<button type="submit">Inspect</button>
</form>
${scriptNeeded}
<div id="token-result" class="result" role="status"></div>`,
  )
}

export function explainView(): Html {
  return viewSection(
    'explain',
    'Explain a decision',
    html`
<p class="lead">Runs the gateway’s own decision on a request. Nothing is sent to Forage.</p>
<form id="explain-form" class="scripted" autocomplete="off">
<div class="fields">
<div><label for="explain-method">Method</label>
<select id="explain-method">${methods.map(method => html`<option>${method}</option>`)}</select></div>
<div class="wide"><label for="explain-target">Target</label>
<input id="explain-target" required placeholder="/api/orders/0a1b2c3d4e/" spellcheck="false" autocapitalize="off"></div>
</div>
<label for="explain-token">Session token <span class="note">(optional)</span></label>
<textarea id="explain-token" rows="3" spellcheck="false" autocapitalize="off" autocorrect="off"></textarea>
<label for="explain-fields">Other fields, one per line <span class="note">(optional)</span></label>
<textarea id="explain-fields" rows="2" spellcheck="false" placeholder="Merchant-Account: 123ab45c67"></textarea>
<button type="submit">Explain</button>
</form>
${scriptNeeded}
<div id="explain-result" class="result" role="status"></div>`,
  )
}

const methods = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE', 'HEAD', 'OPTIONS']

/** Of a view that can do nothing without the script. */
export const scriptNeeded: Html = html`<noscript><p class="notice">This form needs the script of this page.</p></noscript>`
