import type { FoundCredential } from './credential.ts'
import { findCredentials, maxLookAhead, maxLookBehind } from './find-credentials.ts'
import type { TextEncoding } from './text-encoding.ts'
import { createPositionCounter, type Position } from './text-position.ts'

/** A credential in a file. Nothing in it can be used as one. */
export type Finding = Pick<FoundCredential, 'kind' | 'environment' | 'isExpired' | 'masked'> & Position

/** Searches a text that comes in parts, however a credential is divided between them. */
export interface TextScan {
  /**
   * @param part the next part; it is searched up to the length that a credential may have, the rest with the next one
   * @param isLast whether the text ends with it
   */
  add(part: string, isLast: boolean): Finding[]
}

/** On the line of a credential: whoever wrote it knows of it. */
const ignoreMark = 'forage-scan:ignore'

/** Characters on either side in which the mark is looked for, where a line is longer. */
const markDistance = 4096

/** Characters that are kept of what has been searched: the rest is judged by them. */
const lookBehind = Math.max(maxLookBehind, markDistance)

/** @param now seconds since the epoch; tokens that ended before are marked as expired */
export function createTextScan({ continuing }: Pick<TextEncoding, 'continuing'>, now: number): TextScan {
  const counter = createPositionCounter(continuing)
  let text = ''
  let from = 0
  let foundUntil = 0

  function place(found: FoundCredential): Finding[] {
    const { kind, environment, isExpired, masked, start, end } = found
    if (start < foundUntil) return []
    foundUntil = end
    return isIgnored(text, found) ? [] : [{ kind, environment, isExpired, masked, ...counter.advanceTo(text, start) }]
  }

  return {
    add(part, isLast) {
      text += part
      const to = isLast ? text.length : Math.max(from, text.length - maxLookAhead)
      const findings = findCredentials({ text, from, to, now }).flatMap(place)
      if (isLast) return findings
      const length = Math.max(0, to - lookBehind)
      counter.cutOff(text, length)
      text = text.slice(length)
      from = to - length
      foundUntil -= length
      return findings
    },
  }
}

function isIgnored(text: string, { start, end }: FoundCredential): boolean {
  const before = text.slice(Math.max(0, start - markDistance), start)
  const after = text.slice(end, end + markDistance)
  const lineEnd = after.indexOf('\n')
  const line = before.slice(before.lastIndexOf('\n') + 1) + after.slice(0, lineEnd === -1 ? undefined : lineEnd)
  return line.includes(ignoreMark)
}
