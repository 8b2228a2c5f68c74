/** How octets become the text that is searched. */
export interface TextEncoding {
  /** Octets of the byte order mark, which belongs to no line. */
  readonly markLength: number
  /** @param octets an even number of them, but at the end of the file */
  decode(octets: Buffer): string
  /** Matches, wherever they are, the code units that belong to the character before them. */
  readonly continuing: RegExp
}

/**
 * Credentials are ASCII, so that octets can be searched as they are. That costs less than decoding, and a file in no
 * known encoding is searched as well.
 */
const octetByOctet: TextEncoding = {
  markLength: 0,
  decode: octets => octets.toString('latin1'),
  // In UTF-8 these are never the first octet of a character.
  continuing: /[\x80-\xbf]/g,
}

const lowSurrogates = /[\udc00-\udfff]/g

/** What Windows programs write by default, PowerShell's `>` among them. */
const utf16le: TextEncoding = { markLength: 2, decode: octets => octets.toString('utf16le'), continuing: lowSurrogates }

const utf16be: TextEncoding = {
  markLength: 2,
  decode: octets =>
    Buffer.from(octets.subarray(0, octets.length & ~1))
      .swap16()
      .toString('utf16le'),
  continuing: lowSurrogates,
}

/** Octets in which a text has no zero. */
const examinedLength = 8192

/**
 * Recognises UTF-16 by its byte order mark, takes anything else for UTF-8 or a relative of it, and text with a zero
 * octet near its beginning for no text.
 *
 * @param head the beginning of a file
 * @returns undefined for a binary file
 */
export function recogniseEncoding(head: Buffer): TextEncoding | undefined {
  const [first, second, third] = head
  if (first === 0xff && second === 0xfe) return utf16le
  if (first === 0xfe && second === 0xff) return utf16be
  if (head.subarray(0, examinedLength).includes(0)) return undefined
  return first === 0xef && second === 0xbb && third === 0xbf ? { ...octetByOctet, markLength: 3 } : octetByOctet
}
