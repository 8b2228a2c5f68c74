import { announce, byId, setText, show } from './elements.js'

/** In the memory of this page and nowhere else: a reload forgets it. */
let adminToken = ''

/** Makes the form for the token work, where the page has one. */
export function startAdminToken() {
  byId('admin-token-form')?.addEventListener('submit', event => {
    event.preventDefault()
    const field = byId('admin-token')
    hold(field.value.trim())
    field.value = ''
    byId(adminToken === '' ? 'admin-token' : 'admin-token-forget').focus()
  })
  byId('admin-token-forget')?.addEventListener('click', () => {
    hold('')
    byId('admin-token').focus()
  })
}

function hold(token) {
  adminToken = token
  const isHeld = token !== ''
  setText('admin-token-state', isHeld ? 'Admin token in memory of this page' : 'Reading only')
  for (const id of ['admin-token-label', 'admin-token', 'admin-token-use']) show(id, !isHeld)
  show('admin-token-forget', isHeld)
  announce(isHeld ? 'The admin token is in memory of this page.' : 'The admin token is forgotten.')
}

/**
 * Calls the admin API with the token.
 *
 * @returns the parsed answer, or words about what went wrong
 */
export async function callAdmin(path, body) {
  if (adminToken === '') {
    const field = byId('admin-token')
    field?.focus()
    return { error: field ? 'Enter the admin token first, at the top of the page.' : 'No admin token is configured.' }
  }
  try {
    const answer = await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${adminToken}` },
      body: JSON.stringify(body),
      credentials: 'omit',
      redirect: 'error',
    })
    const parsed = await answer.json()
    if (answer.ok) return { answer: parsed }
    if (answer.status === 401) hold('')
    return { error: parsed.errors[0].message }
  } catch {
    return { error: 'The gateway does not answer.' }
  }
}
