import type { FoundCredential, TextWindow } from './credential.ts'
import { findBasicCredentials } from './find-basic-credentials.ts'
import { findClientSecrets, maxNameLength, pairDistance } from './find-client-secrets.ts'
import { findTokens } from './find-tokens.ts'

/** Characters before a credential that decide what it is. */
export const maxLookBehind: number = pairDistance + maxNameLength

/** Characters from the beginning of a credential to the end of everything that decides what it is. */
export const maxLookAhead = 16_384

/** Finds every credential that begins in a part of a text, in order. Of two that overlap the first is reported. */
export function findCredentials(window: TextWindow): FoundCredential[] {
  const found = [...findTokens(window), ...findClientSecrets(window), ...findBasicCredentials(window)]
  found.sort((left, right) => left.start - right.start)
  let end = 0
  return found.filter(one => {
    if (one.start < end) return false
    end = one.end
    return true
  })
}
