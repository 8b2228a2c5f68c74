/** A request-target in the one form that is accepted: origin-form (RFC 9112 §3.2.1) that every parser reads alike. */
export interface Target {
  readonly path: string
  /** Without the question mark; empty when there is none. */
  readonly query: string
}

// Segments of pchar (RFC 3986 §3.3) without percent-encoding and ";", none of them empty, "." or "..". The upstream
// decodes %2F, %2E, %5C and %61 before it routes, some servers cut at ";": no route of Forage needs any of them.
const path = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~!$&'()*+,=:@-]+)*\/?$/

// Characters of a query that every parser takes as themselves. ";" separates pairs for some readers, "#" ends the query.
const query = /^(?:[A-Za-z0-9._~!$&'()*+,=:@/?[\]-]|%[0-9A-Fa-f]{2})*$/

// In a query: an encoded control character or backslash.
const twoReadings = /%(?:[01][0-9A-F]|7F|5C)/i

// What is left of a text that was encoded twice: read once or twice? `%252F` leaves it, and so does `%25%32F`.
const stillEncoded = /%[0-9A-F]{2}/i

/**
 * Takes a request-target apart without changing a character of it.
 *
 * @returns undefined when two parsers could read it differently
 */
export function readTarget(target: string): Target | undefined {
  const mark = target.indexOf('?')
  const pathText = mark < 0 ? target : target.slice(0, mark)
  if (pathText === '' || !path.test(pathText)) return undefined
  if (mark < 0) return { path: pathText, query: '' }
  const queryText = target.slice(mark + 1)
  return isUnambiguousQuery(queryText) ? { path: pathText, query: queryText } : undefined
}

function isUnambiguousQuery(text: string): boolean {
  if (!query.test(text)) return false
  if (!text.includes('%')) return true
  if (twoReadings.test(text)) return false
  try {
    // Throws for octets that are not UTF-8, overlong forms included.
    return !stillEncoded.test(decodeURIComponent(text))
  } catch {
    return false
  }
}

/** The path of a target for an error body: what stands before the query, whatever it looks like. */
export function pathOf(target: string): string {
  const end = target.search(/[?#]/)
  return end < 0 ? target : target.slice(0, end)
}
