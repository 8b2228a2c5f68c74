import { byId, clockTime, element, milliseconds, row, show } from './elements.js'

const shownDecisions = 50
let last = 0
let isPaused = false

/** Shows the last decisions, the newest on top. It is no live region: nobody could listen to it. */
export function startTail() {
  const button = byId('tail-pause')
  button.addEventListener('click', () => {
    isPaused = !isPaused
    button.setAttribute('aria-pressed', String(isPaused))
    button.textContent = isPaused ? 'Go on' : 'Pause'
  })
}

/** Gets the decisions that came since the last time. */
export async function readTail(read) {
  if (isPaused) return
  const answer = await read(`/console/decisions?after=${last}`)
  // The gateway was started anew, and counts from the beginning.
  if (answer.last < last) {
    last = 0
    return
  }
  const body = byId('decisions')
  if (last === 0) body.replaceChildren()
  last = answer.last
  body.prepend(...answer.decisions.slice(-shownDecisions).reverse().map(decisionRow))
  while (body.rows.length > shownDecisions) body.deleteRow(-1)
  show('no-decisions', body.rows.length === 0)
}

function decisionRow(each) {
  const why = each.reason ?? (each.would_deny === null ? '' : `(reported: ${each.would_deny})`)
  const verdict = element('span', { class: `verdict ${each.decision}` }, each.decision)
  return row([
    clockTime(each.time),
    `${each.method} ${each.route === 'none' ? '(no route)' : each.route}`,
    String(each.status),
    element('span', {}, verdict, ` ${why}`),
    each.scope ?? '–',
    each.use_case ?? '–',
    milliseconds(each.duration_ms),
    each.session ?? '–',
  ])
}
