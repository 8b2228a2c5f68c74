/** An element that the page is known to have. */
export function byId(id) {
  return document.getElementById(id)
}

/** Makes an element. Text is always text: nothing on this page is ever made of markup. */
export function element(name, attributes, ...children) {
  const made = document.createElement(name)
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value)
  made.append(...children)
  return made
}

/** Puts a text where it is not yet: what does not change is not read out again. */
export function setText(id, text) {
  const place = byId(id)
  if (place && place.textContent !== text) place.textContent = text
}

/** Shows an element or hides it. */
export function show(id, isShown) {
  const place = byId(id)
  if (place) place.hidden = !isShown
}

/** A row whose first cell names it. Each cell is a text or a node. */
export function row([first, ...cells]) {
  return element('tr', {}, element('th', { scope: 'row' }, first), ...cells.map(cell => element('td', {}, cell)))
}

/** A table of its own, with a caption for screen readers. */
export function table(caption, headings, rows) {
  const heads = headings.map(heading => element('th', { scope: 'col' }, heading))
  const body = element('tbody', {}, ...rows.map(row))
  const hidden = element('caption', { class: 'hidden' }, caption)
  const made = element('table', {}, hidden, element('thead', {}, element('tr', {}, ...heads)), body)
  return element('div', { class: 'scroll', role: 'region', tabindex: '0', 'aria-label': caption }, made)
}

/** Names and values. Each value is a text or a node. */
export function facts(pairs) {
  const rows = pairs.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value)))
  return element('dl', { class: 'facts' }, ...rows)
}

/** Tells screen readers something that others see elsewhere. */
export function announce(text) {
  setText('announcement', text)
}

/** A moment as hours, minutes and seconds in UTC. */
export function clockTime(ms) {
  return new Date(ms).toISOString().slice(11, 19)
}

/** A moment as date and time in UTC; a dash for none. */
export function dateTime(seconds) {
  return seconds === null ? '–' : `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** Milliseconds as they are read at a glance; a dash for none. */
export function milliseconds(value) {
  if (value === null || value === undefined) return '–'
  return value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`
}
