import { callAdmin } from './admin-token.js'
import { byId, element, setText, show } from './elements.js'

/** What can be revoked: which field names it, what is said about it, and the word that has to be typed. */
const kinds = {
  useCase: {
    field: 'revoked-use-case',
    text: useCase => `All sessions of the use case “${useCase}” end with their next request.`,
    word: useCase => useCase,
    body: useCase => ({ useCase }),
  },
  token: {
    field: 'revoked-token',
    text: () => 'The session of this token ends with its next request.',
    word: () => 'revoke',
    body: token => ({ token }),
  },
  all: {
    text: () => 'All sessions end with their next request.',
    word: () => 'revoke all',
    body: () => ({ all: true }),
  },
}

let pending

/** Makes the revocation form work: nothing is revoked before a word was typed. @param onRevoked the counts have changed */
export function startRevoke(onRevoked) {
  const kind = byId('revoke-kind')
  kind.addEventListener('change', () => {
    show('revoke-useCase', kind.value === 'useCase')
    show('revoke-token', kind.value === 'token')
  })
  byId('revoke-form').addEventListener('submit', event => {
    event.preventDefault()
    ask(kinds[kind.value])
  })
  byId('confirm-word').addEventListener('input', () => {
    byId('confirm-do').disabled = byId('confirm-word').value !== pending.word
  })
  byId('confirm-cancel').addEventListener('click', () => byId('confirm').close())
  byId('confirm-form').addEventListener('submit', async event => {
    event.preventDefault()
    if (byId('confirm-word').value !== pending.word) return
    byId('confirm').close()
    await revoke(pending)
    onRevoked()
  })
}

function ask({ field, text, word, body }) {
  const value = field ? byId(field).value.trim() : ''
  if (field && value === '') {
    byId(field).focus()
    say('Say which sessions are to be revoked.', 'bad')
    return
  }
  pending = { body: body(value), word: word(value), field }
  setText('confirm-text', `${text(value)} It cannot be taken back.`)
  setText('confirm-expected', pending.word)
  byId('confirm-word').value = ''
  byId('confirm-do').disabled = true
  byId('confirm').showModal()
  byId('confirm-word').focus()
}

async function revoke({ body, field }) {
  const { answer, error } = await callAdmin('/revocations', body)
  if (error) return say(error, 'bad')
  if (field) byId(field).value = ''
  const replaced = answer.authenticationTokensReplaced
  const late = answer.authenticationTokensPending
  const more = [
    replaced.length > 0 ? ` Authentication tokens were replaced for: ${replaced.join(', ')}.` : '',
    late.length > 0 ? ` Forage has not revoked or replaced yet those of: ${late.join(', ')}. It is tried again.` : '',
    answer.known === false ? ' Nothing here carries that name: look whether it is spelled right.' : '',
  ].join('')
  const isDone = answer.inForce === 'everywhere' && late.length === 0 && answer.known !== false
  const what =
    answer.inForce === 'everywhere' ? '' : ' on this gateway only: the shared state is away. Revoke it on each replica'
  say(`Revoked${what}.${more}`, isDone ? 'good' : 'bad')
}

function say(text, kind) {
  byId('revoke-result').replaceChildren(element('p', { class: `notice ${kind}` }, text))
}
