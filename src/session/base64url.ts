const alphabet = /^[A-Za-z0-9_-]*$/

/**
 * Decodes base64url without padding, and only its one canonical spelling: no padding, no white space, no characters
 * of the other alphabet, and the unused low bits of the last character zero. Common decoders accept all of these, so
 * that one token has many spellings.
 *
 * @returns the octets, or undefined when the text is not canonical
 * @see {@link https://www.rfc-editor.org/rfc/rfc4648#section-3.5 | RFC 4648 §3.5}
 */
export function decodeBase64url(text: string): Buffer | undefined {
  if (!alphabet.test(text)) return undefined
  const octets = Buffer.from(text, 'base64url')
  return octets.toString('base64url') === text ? octets : undefined
}

/** The same for base64url that keeps its padding, as Python's `urlsafe_b64encode` writes it. */
export function decodePaddedBase64url(text: string): Buffer | undefined {
  if (text.length % 4 !== 0) return undefined
  const octets = decodeBase64url(text.replace(/={1,2}$/, ''))
  if (!octets) return undefined
  const padding = (3 - (octets.length % 3)) % 3
  return text.endsWith('='.repeat(padding)) && !text.endsWith('='.repeat(padding + 1)) ? octets : undefined
}

/** Why a text was not decoded: what a lenient decoder takes is a second spelling; the rest is not base64url at all. */
export function explainRefusal(text: string): 'token_not_canonical' | 'token_malformed' {
  return /^[A-Za-z0-9_+/=\s-]+$/.test(text) ? 'token_not_canonical' : 'token_malformed'
}
