// Time that passes when it is told to: for simulations (capacity-simulation.mjs).

/** Events in the order of their time, and a clock that stands at the one under way; chance that is the same each time. */
export function createWorld(seed) {
  const events = createQueue()
  let nowMs = 0
  let state = seed >>> 0
  const after = (delayMs, act) => events.add({ atMs: nowMs + delayMs, act })
  return {
    now: () => nowMs,
    after,
    setTimer: (callBack, delayMs) => {
      const event = after(delayMs, callBack)
      return () => {
        event.act = () => {}
      }
    },
    /** Mulberry32: even enough, and the same everywhere. */
    random() {
      state = (state + 0x6d2b79f5) >>> 0
      let mixed = Math.imul(state ^ (state >>> 15), state | 1)
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
    },
    runUntil(endMs) {
      while (events.firstAtMs() <= endMs) {
        const event = events.takeFirst()
        nowMs = event.atMs
        event.act()
      }
      nowMs = endMs
    },
  }
}

/** A binary heap: the earliest first, and of those at one moment the one that was added first. */
function createQueue() {
  const heap = []
  let added = 0
  return {
    firstAtMs: () => heap[0]?.atMs ?? Number.POSITIVE_INFINITY,
    add(event) {
      event.number = added++
      rise(heap, event)
      return event
    },
    takeFirst() {
      const [first] = heap
      const last = heap.pop()
      if (heap.length > 0) sink(heap, last)
      return first
    },
  }
}

function isBefore(a, b) {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.number < b.number)
}

function rise(heap, event) {
  let index = heap.push(event) - 1
  for (let parent = (index - 1) >> 1; index > 0 && isBefore(event, heap[parent]); parent = (index - 1) >> 1) {
    heap[index] = heap[parent]
    index = parent
  }
  heap[index] = event
}

function sink(heap, event) {
  let index = 0
  for (let child = 1; child < heap.length; child = index * 2 + 1) {
    if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++
    if (!isBefore(heap[child], event)) break
    heap[index] = heap[child]
    index = child
  }
  heap[index] = event
}
