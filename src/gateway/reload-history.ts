import type { ReloadResult } from '../observability/metrics.ts'
import type { ReloadStatus } from './reload.ts'

/** A configuration that was read: put in force, or refused while the one before it stayed. */
export interface ReloadNote extends Pick<ReloadStatus, 'generation' | 'policyDigest' | 'needRestart' | 'problems'> {
  /** When, as RFC 3339. */
  readonly at: string
  readonly result: ReloadResult
}

/** The last configurations that were read, newest first. */
export interface ReloadHistory {
  note(result: ReloadResult, status: ReloadStatus): void
  list(): readonly ReloadNote[]
}

/**
 * @param now milliseconds since the epoch
 * @param size how many are remembered. Default 20
 */
export function createReloadHistory(now: () => number, size = 20): ReloadHistory {
  let notes: readonly ReloadNote[] = []
  return {
    note(result, { generation, policyDigest, needRestart, problems }) {
      const note = { at: new Date(now()).toISOString(), result, generation, policyDigest, needRestart, problems }
      notes = [note, ...notes].slice(0, size)
    },
    list: () => notes,
  }
}
