import { callAdmin } from './admin-token.js'
import { byId, dateTime, element, facts } from './elements.js'

/** Makes the token inspector work. The token is sent in a body, and taken out of the page when it was read. */
export function startInspector() {
  byId('token-form').addEventListener('submit', async event => {
    event.preventDefault()
    const field = byId('inspected-token')
    const { answer, error } = await callAdmin('/console/token', { token: field.value.trim() })
    if (answer) field.value = ''
    byId('token-result').replaceChildren(answer ? describe(answer) : element('p', { class: 'notice bad' }, error))
  })
}

function describe({ kind, environment, format, canonical, reason, header, claims, issuedAt, expiresAt }) {
  const pairs = [
    ['Kind', kind === 'unknown' ? 'no token of Forage' : `${kind} token`],
    ['Environment', environment ?? '–'],
    ['Format', format ?? '–'],
    ['Spelling', canonical ? 'the one that is accepted' : `not accepted${reason ? `: ${reason}` : ''}`],
    ['Issued', dateTime(issuedAt)],
    ['Expires', dateTime(expiresAt)],
  ]
  const result = element('div', {}, facts(pairs))
  if (kind === 'authentication')
    result.append(
      element('p', { class: 'notice bad' }, 'It belongs to a server: no client may have it. Replace it if one did.'),
    )
  if (header) result.append(element('h3', {}, 'Header'), json(header))
  if (claims) result.append(element('h3', {}, 'Claims'), json(claims))
  return result
}

function json(value) {
  return element('pre', { tabindex: '0' }, JSON.stringify(value, null, 2))
}
