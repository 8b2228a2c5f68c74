import { byId, element, row, show } from './elements.js'

let shown = ''

/** Shows the configuration that is in force, where it is another one than is shown. */
export function showConfiguration({ configuration }) {
  const text = JSON.stringify(configuration)
  if (text === shown) return
  shown = text
  const { problems, needRestart, history, policyDigest } = configuration
  list('problems', 'problem-list', problems, problem => problem)
  list('need-restart', 'restart-list', needRestart, key => element('code', {}, key))
  byId('generations').replaceChildren(...history.map(generationRow))
  show('policy-changed', byId('policy-digest').textContent !== policyDigest)
}

function list(place, id, items, describe) {
  show(place, items.length > 0)
  byId(id).replaceChildren(...items.map(item => element('li', {}, describe(item))))
}

function generationRow({ at, result, generation, policyDigest, needRestart, problems }) {
  const isInForce = result === 'success'
  const verdict = element(
    'span',
    { class: `verdict ${isInForce ? 'allow' : 'deny'}` },
    isInForce ? 'in force' : 'refused',
  )
  return row([
    at.slice(0, 19).replace('T', ' '),
    verdict,
    `generation ${generation}`,
    element('code', {}, policyDigest),
    needRestart.join(', ') || '–',
    String(problems.length || '–'),
  ])
}
