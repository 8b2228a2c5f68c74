/** A method and a path template, such as `GET /api/orders/{ref}/`. */
export interface RouteTemplate {
  readonly method: string
  /** The template as written. Stands for the path in logs and metrics. */
  readonly template: string
  /** Its segments; null is a parameter. */
  readonly segments: readonly (string | null)[]
}

/** Methods that a policy may list. CONNECT and TRACE are refused before any route is looked at. */
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

const parameter = /^\{[a-z][a-z0-9_]*\}$/
const literal = /^[A-Za-z0-9_-]+$/

/**
 * Reads `METHOD /path/{parameter}/`.
 *
 * @returns the template, or a sentence that says what to write instead
 */
export function parseRouteTemplate(text: string): RouteTemplate | string {
  const [method = '', template = '', ...rest] = text.split(' ')
  if (rest.length > 0 || !template.startsWith('/'))
    return 'must be a method, one space and a path, such as "GET /api/orders/{ref}/"'
  if (!methods.includes(method)) return `must begin with one of ${methods.join(', ')} in capitals`
  if (!template.endsWith('/') || template === '/')
    return 'the path must have segments and end in "/"; clients may leave that slash out'

  const parts = template.slice(1, -1).split('/')
  const odd = parts.find(part => !parameter.test(part) && !literal.test(part))
  if (odd !== undefined)
    return `the segment "${odd}" must be letters, digits, "_" and "-", or a parameter such as {ref}`
  return { method, template, segments: parts.map(part => (parameter.test(part) ? null : part)) }
}

/** Whether some request would match both templates. */
export function overlap(a: RouteTemplate, b: RouteTemplate): boolean {
  if (a.method !== b.method || a.segments.length !== b.segments.length) return false
  return a.segments.every((segment, index) => {
    const other = b.segments[index]
    return segment === null || other === null || segment === other
  })
}
