import type { JwtAlgorithm } from './algorithms.ts'
import { importKeySet, type JwtKey, type KeySelection, type KeySource, selectKeys } from './jwt-keys.ts'

/** Gets the octets behind a URL. @throws when they cannot be had, in time and within the size that is asked for */
export type FetchOctets = (url: string) => Promise<Uint8Array>

export interface RemoteKeysOptions {
  readonly url: string
  readonly algorithms: readonly JwtAlgorithm[]
  readonly fetchOctets: FetchOctets
  /** Current time in seconds. */
  readonly now: () => number
  /** After how many seconds the set is fetched again. Default 600. */
  readonly refreshSec?: number
  /** Least seconds between two fetches, whether the last one failed or a token asked for an unknown key. Default 30. */
  readonly cooldownSec?: number
  /** For how many seconds the last good set is used while the URL cannot be reached. Default 86,400. */
  readonly maxStaleSec?: number
  /** Told when a fetch failed. */
  readonly onFailure?: (error: unknown) => void
  /** Told when the set is another than before: a key may be gone, or replaced under its old name. */
  readonly onKeysChanged?: () => void
}

/** Published keys, and whether there are any. */
export interface RemoteKeys extends KeySource {
  /** Whether keys are known that may be used. Where there are none, they are asked for: whoever asks again is told more. */
  areKnown(): boolean
}

/**
 * Keys that an issuer publishes. One fetch at a time, whoever waits for it; never two within the cooldown, however many
 * tokens ask for keys that do not exist; and an issuer that is down for an hour refuses nobody whose key is known.
 */
export function createRemoteKeys(options: RemoteKeysOptions): RemoteKeys {
  const { refreshSec = 600, cooldownSec = 30, maxStaleSec = 86_400, now } = options
  let keys: readonly JwtKey[] = []
  let known = ''
  let fetchedAt = Number.NEGATIVE_INFINITY
  let triedAt = Number.NEGATIVE_INFINITY
  let underWay: Promise<void> | undefined

  function refresh(): Promise<void> {
    triedAt = now()
    underWay ??= load()
      .catch(error => options.onFailure?.(error))
      .finally(() => {
        underWay = undefined
      })
    return underWay
  }

  async function load(): Promise<void> {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await options.fetchOctets(options.url))
    const fresh = await importKeySet(JSON.parse(text), options.algorithms, false)
    const isChanged = known !== '' && known !== text
    keys = fresh
    known = text
    fetchedAt = now()
    if (isChanged) options.onKeysChanged?.()
  }

  // A clock that was set back must not hold up fetches until it is where it was.
  const mayFetch = () => Math.abs(now() - triedAt) >= cooldownSec

  function select(algorithm: string, keyId: string | undefined): KeySelection {
    if (now() - fetchedAt > maxStaleSec) return 'unavailable'
    return selectKeys(keys, algorithm, keyId)
  }

  return {
    areKnown() {
      const areKnown = keys.length > 0 && now() - fetchedAt <= maxStaleSec
      if (!areKnown && mayFetch()) void refresh()
      return areKnown
    },
    find(algorithm, keyId) {
      const found = select(algorithm, keyId)
      const isKnown = found !== 'unavailable' && found.length > 0
      if (isKnown) {
        // Refreshed beside the requests: nobody waits for it.
        if (now() - fetchedAt >= refreshSec && mayFetch()) void refresh()
        return found
      }
      if (underWay === undefined && !mayFetch()) return found
      return (underWay ?? refresh()).then(() => select(algorithm, keyId))
    },
  }
}
