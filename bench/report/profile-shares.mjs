// Reads V8's profiles: whose code was on top of the stack, or on whose behalf Node was at work.

/** Time of a profile by group, in percent, largest first. @param groupOf a stack, its top first; undefined: not counted */
export function sharesOf(
  { nodes, samples, timeDeltas, startTime },
  groupOf,
  { untilMs = Number.POSITIVE_INFINITY } = {},
) {
  const stacks = stacksOf(nodes)
  const groups = new Map(nodes.map(({ id }) => [id, groupOf(stacks.get(id))]))
  const times = new Map()
  let at = startTime
  for (const [index, id] of samples.entries()) {
    at += timeDeltas[index]
    const group = groups.get(id)
    if (group && at - startTime <= untilMs * 1000) times.set(group, (times.get(group) ?? 0) + timeDeltas[index])
  }
  const whole = [...times.values()].reduce((sum, time) => sum + time, 0)
  return [...times].map(([group, time]) => [group, (100 * time) / whole]).sort(([, a], [, b]) => b - a)
}

/** Whose code was at work itself. What compiles and loads at the start is left out: it is Node's loader. */
export function onTop([{ functionName, url }]) {
  if (isIdle(functionName) || /internal\/modules|per_context/.test(url)) return undefined
  if (functionName === '(garbage collector)') return 'collecting garbage'
  if (/internal\/crypto/.test(url)) return 'Node: HMAC'
  const owner = ownerOf(url)
  if (owner) return owner === 'forage-gateway' ? `forage-gateway: ${roomOf(url)}` : owner
  if (url.startsWith('node:')) return 'Node: http, streams, timers'
  if (url.startsWith('wasm:')) return 'undici'
  return url === '' && functionName.startsWith('RegExp')
    ? 'regular expressions'
    : 'the system, by Node: read, write, poll'
}

/** Whose file was being read, compiled or run: the nearest on the stack that is not Node's own. */
export function onBehalfOf(stack) {
  if (isIdle(stack[0].functionName)) return undefined
  for (const { url } of stack) {
    const owner = ownerOf(url)
    if (owner) return owner
  }
  return 'Node: itself, and finding and compiling modules'
}

function isIdle(functionName) {
  return functionName === '(idle)' || functionName === '(root)'
}

function ownerOf(url) {
  const library = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]
  return library ?? (url.includes('/dist/') ? 'forage-gateway' : undefined)
}

function roomOf(url) {
  return /\/dist\/([a-z]+)/.exec(url)?.[1] ?? ''
}

function stacksOf(nodes) {
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map(child => [child, id])))
  const byId = new Map(nodes.map(node => [node.id, node]))
  const stackOf = id => (id === undefined ? [] : [byId.get(id).callFrame, ...stackOf(parents.get(id))])
  return new Map(nodes.map(({ id }) => [id, stackOf(id)]))
}
