import { STATUS_CODES } from 'node:http'

/** Answers that end with their head, whatever length they announce (RFC 9112 §6.3). */
export function isBodiless(status: number, method: string | undefined): boolean {
  return method === 'HEAD' || status === 204 || status === 304
}

/**
 * The reason phrase as Node can write it, octet for octet. undici reads it as UTF-8 and Node writes Latin-1; what is
 * lost between the two, or is not allowed (RFC 9112 §4), is replaced by the usual phrase: nobody may decide by it.
 */
export function reasonPhrase(status: number, text: string): string {
  if (text === STATUS_CODES[status]) return text
  const octets = Buffer.from(text, 'utf8').toString('latin1')
  const isLost = text.includes('\ufffd') || !/^[\t\x20-\x7e\x80-\xff]*$/.test(octets)
  return isLost ? (STATUS_CODES[status] ?? '') : octets
}
