import type { RequestHead } from './request-head.ts'

/** Finds the merchant's own OAuth client id and secret in a request, in whatever field they stand. */
export type HoldsOwnCredential = (head: RequestHead) => boolean

/** A shorter text would be found by chance. */
const leastLength = 16

/**
 * @param credentials texts that no client may know. None: nothing is searched for
 */
export function createOwnCredentials(credentials: readonly string[]): HoldsOwnCredential {
  const searched = credentials.filter(text => text.length >= leastLength)
  if (searched.length === 0) return () => false
  const shortest = Math.min(...searched.map(text => text.length))
  const holds = (text: string) => text.length >= shortest && searched.some(each => text.includes(each))
  return ({ fields, target }) => holds(target) || fields.some(holds)
}
