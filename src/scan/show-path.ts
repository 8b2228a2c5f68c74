import { findTokens } from './find-tokens.ts'

/**
 * A path as it may be printed: a token in it is masked, and characters that move a terminal's cursor, end its line or
 * turn its text around are escaped. A file can have any name.
 */
export function showPath(path: string): string {
  const tokens = findTokens({ text: path, from: 0, to: path.length, now: 0 })
  // From the end, so that the indexes of the others stay true.
  const masked = tokens.reduceRight(
    (text, { start, end, masked }) => text.slice(0, start) + masked + text.slice(end),
    path,
  )
  return masked.replace(/[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, unit => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
