import { parameterValue } from './route-table.ts'
import { parseRouteTemplate, type RouteTemplate } from './route-template.ts'

/**
 * Requests that are spoken of together, such as `write /api/orders/**`.
 *
 * The grammar: a method, one space, a path. The method is one that a policy may list, `*` for any, or `write` for any but
 * GET, HEAD and OPTIONS. A segment is a literal, `{name}` for what a parameter matches, or `*` for one segment of any
 * kind; `**` at the end stands for any further segments, also none. The final slash may be left out, as in a request. The
 * letter case of literals counts for nothing: what stands behind the gateway may not tell `/API/` from `/api/`.
 */
export interface RequestPattern {
  /** As it was written. */
  readonly text: string
  readonly method: string
  /** Null is a parameter, `*` any one segment. */
  readonly segments: readonly (string | null)[]
  /** Whether further segments may follow. */
  readonly isOpen: boolean
  /** Whether a literal stands for its other spellings in upper and lower case, too. */
  readonly ignoresCase: boolean
}

/** Stands for a parameter in a path that serves as an example: ten letters and digits, as Forage's references are. */
const exampleSegment = '0a1b2c3d4e'

/**
 * Reads a pattern.
 *
 * @returns the pattern, or a sentence that says what to write instead
 */
export function parseRequestPattern(text: string): RequestPattern | string {
  const [method = '', path = '', ...rest] = text.split(' ')
  if (rest.length > 0 || !/^\/./.test(path))
    return 'must be a method, one space and a path, such as "GET /api/orders/{ref}/" or "* /api/sessions/**"'
  if (method !== '*' && method !== 'write') {
    const fault = faultOf(`${method} /a/`)
    if (fault) return `${fault}, or with "*" for any method, or "write"`
  }
  const parts = path.slice(1).replace(/\/$/, '').split('/')
  const isOpen = parts.at(-1) === '**'
  const segments = isOpen ? parts.slice(0, -1) : parts
  if (segments.includes('**')) return '"**" stands for the rest of a path: it must come last'
  const odd = segments.find(part => part !== '*' && faultOf(`GET /${part}/`))
  if (odd !== undefined) return `${faultOf(`GET /${odd}/`)}, or "*" for any one segment`
  return {
    text,
    method,
    segments: segments.map(part => (part.startsWith('{') ? null : part)),
    isOpen,
    ignoresCase: true,
  }
}

function faultOf(text: string): string | undefined {
  const template = parseRouteTemplate(text)
  return typeof template === 'string' ? template : undefined
}

/** The requests of a template, as a pattern: those that the gateway takes it for, which tells letter case. */
export function patternOf({ method, template, segments }: RouteTemplate): RequestPattern {
  return { text: `${method} ${template}`, method, segments, isOpen: false, ignoresCase: false }
}

/**
 * Decides whether some request is of a template and of a pattern, by finding one. Both are lists of sets of segments, so
 * that one request is of both exactly when each pair of sets has a segment in common, and the lengths fit.
 *
 * @returns the path of such a request; undefined when there is none
 */
export function meetingPath(template: RouteTemplate, pattern: RequestPattern): string | undefined {
  if (!isMethodOf(template.method, pattern)) return undefined
  const [length, least] = [template.segments.length, pattern.segments.length]
  if (pattern.isOpen ? length < least : length !== least) return undefined
  let path = '/'
  for (const [index, segment] of template.segments.entries()) {
    const other = index < least ? (pattern.segments[index] as string | null) : '*'
    const common = commonSegment(segment, other, pattern.ignoresCase)
    if (common === undefined) return undefined
    path += `${common}/`
  }
  return path
}

function isMethodOf(method: string, pattern: RequestPattern): boolean {
  if (pattern.method === 'write') return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS'
  return pattern.method === '*' || pattern.method === method
}

function commonSegment(segment: string | null, other: string | null, ignoresCase: boolean): string | undefined {
  if (segment === null) return other === null || other === '*' ? exampleSegment : ofParameter(other)
  if (other === null) return ofParameter(segment)
  const isSame = other === segment || (ignoresCase && other.toLowerCase() === segment.toLowerCase())
  // As the template has it: the gateway itself tells letter case, so that this is the request that gets through.
  return other === '*' || isSame ? segment : undefined
}

/** A literal, where a parameter matches it. */
function ofParameter(literal: string): string | undefined {
  return parameterValue.test(literal) ? literal : undefined
}

/**
 * Whether every request of one template is of another one. A template lies within several others together only when it
 * lies within one of them: they would have to spell out each value of a parameter.
 */
export function isWithin(inner: RouteTemplate, outer: RouteTemplate): boolean {
  if (inner.method !== outer.method || inner.segments.length !== outer.segments.length) return false
  return inner.segments.every((segment, index) => {
    const other = outer.segments[index] as string | null
    if (other !== null) return segment === other
    return segment === null || parameterValue.test(segment)
  })
}
