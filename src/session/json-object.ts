const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export type JsonObject = Readonly<Record<string, unknown>>

/**
 * Reads a JSON object and refuses what two parsers could read differently: octets that are not UTF-8, and a member
 * name that stands twice in one object (one parser keeps the first, another the last).
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7519#section-4 | RFC 7519 §4}
 * @returns the object; `'duplicate'` for a doubled member; undefined for anything that is not a JSON object
 */
export function parseJsonObject(octets: Uint8Array): JsonObject | 'duplicate' | undefined {
  let text: string
  let value: unknown
  try {
    text = utf8.decode(octets)
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return hasDuplicateMember(text) ? 'duplicate' : (value as JsonObject)
}

// Strings (names and values alike), and the marks that open, close and separate.
const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g

/** Walks the tokens of a text that JSON.parse has accepted, so it need not check the grammar again. */
function hasDuplicateMember(text: string): boolean {
  const open: (Set<string> | undefined)[] = []
  let lastString = ''
  for (const [token] of text.matchAll(tokens)) {
    if (token === '{') open.push(new Set())
    else if (token === '[') open.push(undefined)
    else if (token === '}' || token === ']') open.pop()
    else if (token === ':') {
      const names = open.at(-1)
      // Compared as decoded: "a" and "\u0061" are one name.
      const name = JSON.parse(lastString) as string
      if (names?.has(name)) return true
      names?.add(name)
    } else lastString = token
  }
  return false
}
