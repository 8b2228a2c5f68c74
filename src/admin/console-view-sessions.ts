import type { VerifyMode } from '../session/verify-mode.ts'
import { type Html, html } from './console-html.ts'
import type { SessionCounts, UseCaseSessions } from './console-sessions.ts'
import { scriptNeeded } from './console-view-tools.ts'
import { table, viewSection } from './console-views.ts'

/** What the counts mean, by what makes a token authentic. */
const countWords: Readonly<Record<VerifyMode, string>> = {
  ledger: 'Every session that is let in is on record.',
  signature: 'Only sessions that were issued or registered here are on record; others are let in by their signature.',
  upstream: 'Only sessions that were issued or registered here are on record; of the others Forage decides.',
}

export function sessionsView(counts: SessionCounts, verify: VerifyMode): Html {
  const { useCases, total, revocations } = counts
  return viewSection(
    'sessions',
    'Sessions',
    html`
<p class="lead"><span id="sessions-total">${total}</span> on record, <span id="revocations-held">${revocations}</span>
revocations in force. ${countWords[verify]} One that was revoked stays on record until its time is over.</p>
${table({
  id: 'sessions-by-use-case',
  caption: 'Sessions by use case',
  headings: ['Use case', 'On record', 'Issued since the start', 'Scopes'],
  rows: useCases.map(({ useCase, onRecord, issued, scopes }) => [
    useCase ?? 'none named',
    onRecord,
    issued,
    scopes.join(', '),
  ]),
})}
<h3 id="revoke-heading">Revoke</h3>
<p class="note">From the next request on. It cannot be taken back: clients have to get new session tokens.</p>
<form id="revoke-form" class="scripted" autocomplete="off" aria-labelledby="revoke-heading">
<label for="revoke-kind">What</label>
<select id="revoke-kind">
<option value="useCase">The sessions of a use case</option>
<option value="token">One session, by its token</option>
<option value="all">All sessions</option>
</select>
<div id="revoke-useCase"><label for="revoked-use-case">Use case</label>
<input id="revoked-use-case" list="use-cases" spellcheck="false" autocapitalize="off">
<datalist id="use-cases">${useCases.map(useCaseOption)}</datalist></div>
<div id="revoke-token" hidden><label for="revoked-token">Session token</label>
<textarea id="revoked-token" rows="3" spellcheck="false" autocapitalize="off" autocorrect="off"></textarea></div>
<button type="submit" class="danger">Revoke …</button>
</form>
${scriptNeeded}
<div id="revoke-result" class="result" role="status"></div>
${confirmation}`,
  )
}

function useCaseOption({ useCase }: UseCaseSessions): Html {
  return useCase === null ? html`` : html`<option value="${useCase}"></option>`
}

/** Asks for a word to be typed: a slip of the hand revokes nothing. */
const confirmation = html`
<dialog id="confirm" aria-labelledby="confirm-heading" aria-describedby="confirm-text">
<form id="confirm-form" autocomplete="off">
<h3 id="confirm-heading">Revoke?</h3>
<p id="confirm-text"></p>
<label for="confirm-word">Type <code id="confirm-expected"></code> to confirm</label>
<input id="confirm-word" spellcheck="false" autocapitalize="off">
<div class="bar"><button type="button" id="confirm-cancel" class="quiet">Cancel</button>
<button type="submit" id="confirm-do" class="danger" disabled>Revoke</button></div>
</form>
</dialog>`
