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

const quote = 0x22
const backslash = 0x5c

/**
 * Walks a text that JSON.parse has accepted, so that it need not check the grammar again. By hand: an expression that
 * finds the tokens costs a millisecond for 8 KiB of brackets, which anybody may send.
 */
function hasDuplicateMember(text: string): boolean {
  const open: (Set<string> | undefined)[] = []
  let lastString = ''
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '"') {
      const end = endOfString(text, at + 1)
      lastString = text.slice(at, end + 1)
      at = end
    } else if (character === '{') open.push(new Set())
    else if (character === '[') open.push(undefined)
    else if (character === '}' || character === ']') open.pop()
    else if (character === ':') {
      const names = open.at(-1)
      const name = decoded(lastString)
      if (names?.has(name)) return true
      names?.add(name)
    }
  }
  return false
}

/** Where the quote stands that ends a string. */
function endOfString(text: string, start: number): number {
  let at = start
  while (at < text.length && text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === backslash ? 2 : 1
  return at
}

/** Names are compared as decoded: "a" and "\u0061" are one. */
function decoded(string: string): string {
  return string.includes('\\') ? (JSON.parse(string) as string) : string.slice(1, -1)
}
