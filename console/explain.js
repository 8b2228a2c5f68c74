import { callAdmin } from './admin-token.js'
import { byId, dateTime, element, facts } from './elements.js'

/** Makes the form that explains a decision work. */
export function startExplain() {
  byId('explain-form').addEventListener('submit', async event => {
    event.preventDefault()
    const fields = readFields(byId('explain-fields').value)
    const token = byId('explain-token').value.trim()
    const asked = {
      method: byId('explain-method').value,
      target: byId('explain-target').value.trim(),
      ...(token !== '' && { token }),
      ...(fields.length > 0 && { fields }),
    }
    const { answer, error } = await callAdmin('/explain', asked)
    byId('explain-result').replaceChildren(answer ? describe(answer) : element('p', { class: 'notice bad' }, error))
  })
}

/** `Name: value`, one per line. */
function readFields(text) {
  const lines = text.split('\n').filter(line => line.includes(':'))
  return lines.map(line => [line.slice(0, line.indexOf(':')).trim(), line.slice(line.indexOf(':') + 1).trim()])
}

function describe(explanation) {
  const { verdict, reason, status, code, steps, remedies = [], notJudged = [] } = explanation
  const heading = element('p', { class: 'verdict-line' }, element('span', { class: `verdict ${verdict}` }, verdict))
  if (reason) heading.append(` ${reason}: answered with ${status} ${code}`)
  else if (status) heading.append(` answered here with ${status}`)
  else heading.append(' the request would go to Forage')
  const result = element('div', {}, heading, facts(found(explanation)), element('h3', {}, 'Checks, in their order'))
  result.append(element('ol', { class: 'steps' }, ...steps.map(describeStep)))
  appendList(result, 'What would change it', remedies)
  appendList(result, 'Not judged here', notJudged)
  return result
}

function found({ route, scope, nearest, session, wouldDeny }) {
  const pairs = [['Route', route ? `${route}, scope ${scope}` : 'none']]
  if (nearest) pairs.push(['Nearest route', nearest.route])
  if (wouldDeny) pairs.push(['Reported', `the policy would refuse it as ${wouldDeny} if it did not just report it`])
  if (session)
    pairs.push(
      ['Session', `${session.format}, until ${dateTime(session.expiresAt)}`],
      ['Granted', session.scopes.join(', ') || 'nothing'],
    )
  return pairs
}

function describeStep({ check, result, note }) {
  const words = result.replace('_', ' ')
  const step = element(
    'li',
    { class: result },
    element('strong', {}, check),
    ' ',
    element('span', { class: 'step' }, words),
  )
  if (note) step.append(element('span', { class: 'note' }, ` ${note}`))
  return step
}

function appendList(result, heading, sentences) {
  if (sentences.length === 0) return
  const items = sentences.map(sentence => element('li', {}, sentence))
  result.append(element('h3', {}, heading), element('ul', {}, ...items))
}
