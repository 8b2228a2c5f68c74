import type { Load, LoadMeter } from './load-meter.ts'

/** Why new requests are turned away. */
export type Overload = 'event loop late' | 'memory short'

export interface LoadShedding {
  /** Undefined: all is well. */
  readonly overload: Overload | undefined
  /** Takes a measurement every second from now on. */
  start(): void
  /** Takes one now. */
  look(): void
  stop(): void
}

export interface LoadSheddingOptions {
  readonly meter: LoadMeter
  /** Told when shedding begins, changes its cause or ends. */
  readonly onChange: (overload: Overload | undefined) => void
}

const everyMs = 1000
const maxDelayMs = 500
const maxHeap = 0.85
const maxResident = 0.9

/**
 * Turns new requests away before the process fails under them: one that stalls or dies loses those that it has accepted.
 *
 * It takes two bad measurements in a row to begin: one long pause (a suspended machine, a large collection of garbage) is
 * over by the time it is seen. One good measurement ends it.
 */
export function createLoadShedding({ meter, onChange }: LoadSheddingOptions): LoadShedding {
  let overload: Overload | undefined
  let wasBad = false
  let timer: NodeJS.Timeout | undefined

  function look(): void {
    const found = judge(meter.read())
    const next = wasBad ? found : undefined
    wasBad = found !== undefined
    if (next === overload) return
    overload = next
    onChange(overload)
  }

  return {
    get overload() {
      return overload
    },
    start() {
      meter.start()
      timer = setInterval(look, everyMs).unref()
    },
    look,
    stop() {
      clearInterval(timer)
      meter.stop()
    },
  }
}

function judge({ delayMs, heap, resident }: Load): Overload | undefined {
  if (heap > maxHeap || resident > maxResident) return 'memory short'
  return delayMs > maxDelayMs ? 'event loop late' : undefined
}
