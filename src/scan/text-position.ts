/** Where something stands in a file; both count from 1. */
export interface Position {
  readonly line: number
  /** In characters, whatever octets they take. */
  readonly column: number
}

/** Counts lines and columns along a text that comes in parts. */
export interface PositionCounter {
  /** Goes on to an index of the text, and says where that is. It never goes back. */
  advanceTo(text: string, index: number): Position
  /** Goes on to an index at which the beginning of the text is cut off. */
  cutOff(text: string, index: number): void
}

/**
 * @param continuing matches, wherever they are, code units that belong to the character before them: octets of UTF-8
 *   that were read one by one, or the second half of a pair in UTF-16
 */
export function createPositionCounter(continuing: RegExp): PositionCounter {
  let at = 0
  let line = 1
  let column = 1

  function advanceTo(text: string, index: number): Position {
    const passed = text.slice(at, index)
    for (let end = passed.indexOf('\n'); end !== -1; end = passed.indexOf('\n', end + 1)) line++
    const lineStart = passed.lastIndexOf('\n') + 1
    if (lineStart > 0) column = 1
    column += passed.slice(lineStart).replace(continuing, '').length
    at = Math.max(at, index)
    return { line, column }
  }

  return {
    advanceTo,
    cutOff(text, index) {
      advanceTo(text, index)
      at -= index
    },
  }
}
