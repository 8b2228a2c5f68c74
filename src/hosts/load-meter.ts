import { monitorEventLoopDelay } from 'node:perf_hooks'
import process from 'node:process'
import { getHeapStatistics } from 'node:v8'

/** How hard the process has it. */
export interface Load {
  /** By how much the event loop was late on average since the last reading, in milliseconds. */
  readonly delayMs: number
  /** Part of the largest heap that is in use, 0 to 1. */
  readonly heap: number
  /** Part of the memory that the process may have (its control group) that is resident, 0 to 1; 0 where there is no limit. */
  readonly resident: number
}

export interface LoadMeter {
  start(): void
  read(): Load
  stop(): void
}

const resolutionMs = 20

/** Measures this process. */
export function createLoadMeter(): LoadMeter {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs })
  let count = 0
  let sumMs = 0
  /** Means are taken from the difference: after a reset, the histogram leaves the next delay out, however long it was. */
  function meanSinceLast(): number {
    const before = { count, sumMs }
    count = delays.count
    sumMs = count === 0 ? 0 : (delays.mean / 1e6) * count
    return count === before.count ? resolutionMs : (sumMs - before.sumMs) / (count - before.count)
  }
  return {
    start: () => void delays.enable(),
    stop: () => void delays.disable(),
    read() {
      const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics()
      return {
        // Each measured delay includes the pause between two of them.
        delayMs: Math.max(0, meanSinceLast() - resolutionMs),
        heap: used / limit,
        resident: shareOf(process.memoryUsage.rss(), process.constrainedMemory()),
      }
    },
  }
}

/** @param allowed 0 or undefined where there is no limit, or one that is larger than any machine's memory */
export function shareOf(resident: number, allowed: number | undefined): number {
  return allowed ? resident / allowed : 0
}
