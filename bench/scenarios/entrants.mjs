// Who takes part in a comparison, and with what work.
import { bare, proxies } from '../peers/proxies.mjs'

/**
 * @typedef Entrant `key` (of its process), `name` (in its scenario), `title`, `does`, `start` (null: straight to the
 *   upstream), `place` (what it is started with), `order` (what the load is told), `logs` (whether it must have
 *   logged), `answersItself` (nothing of it comes to the upstream; default: no)
 */

/** One of the proxies. @param more `name`, `title`, `place`, `key` where they differ from the proxy's own */
export function entrant(proxy, order, more = {}) {
  const { title, does, start } = proxies[proxy]
  const logs = proxy === 'gateway'
  return { key: `plain ${proxy}`, name: proxy, title, does, start, place: {}, order, logs, ...more }
}

/** What no proxy with this server and this client can be faster than. */
export function floor(order) {
  return { ...bare, key: 'plain floor', name: 'floor', place: {}, order, logs: false }
}

export function direct(order, place = {}) {
  const own = { key: 'direct', name: 'direct', title: 'direct: no proxy', does: 'shows what the load can do' }
  return { ...own, start: null, place, order, logs: false }
}

/** All of them with the same work. @param isSo which ones; default: all */
export function everybody(order, isSo = () => true, more = {}) {
  return Object.keys(proxies)
    .filter(name => isSo(proxies[name]))
    .map(name => entrant(name, order, typeof more === 'function' ? more(name) : more))
}
