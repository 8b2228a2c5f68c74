import type { Exchange } from './exchange.ts'

/** A read, as far as two of them may differ. */
export interface Read {
  /** Whose it is: the same object for all requests of a session. */
  readonly session: object
  readonly target: string
  readonly clientAddress: string
  /** Field lines as received: name, value … */
  readonly fields: readonly string[]
}

/** Reads that are under way, by whom and what they are for. */
export interface SharedReads {
  /** The exchange of an identical read, which may take on another client; undefined: there is none. */
  find(read: Read): Exchange | undefined
  add(read: Read, exchange: Exchange): void
  remove(read: Read): void
}

interface UnderWay {
  readonly read: Read
  readonly exchange: Exchange
}

/** Fields that differ between two reads of one app, and change nothing about the answer. */
const ignored = /^(?:traceparent|tracestate|baggage|x-request-id|x-correlation-id|x-datadog-.*)$/i

/**
 * Makes the list. Two reads are identical when a session asks from one address for one target with the same fields, those
 * of tracing aside: then nobody could tell their answers apart.
 *
 * By session, not by text: what is added and removed with every request makes a Map grow new tables all the time.
 */
export function createSharedReads(): SharedReads {
  const underWay = new WeakMap<object, UnderWay[]>()

  function readsOf(session: object): UnderWay[] {
    const known = underWay.get(session)
    if (known) return known
    const reads: UnderWay[] = []
    underWay.set(session, reads)
    return reads
  }

  return {
    /** The newest: those before it may have been answered already. */
    find: read => readsOf(read.session).findLast(other => isIdentical(other.read, read))?.exchange,
    add: (read, exchange) => void readsOf(read.session).push({ read, exchange }),
    remove(read) {
      const reads = readsOf(read.session)
      const index = reads.findIndex(other => other.read === read)
      if (index >= 0) reads.splice(index, 1)
    },
  }
}

function isIdentical(one: Read, other: Read): boolean {
  if (one.target !== other.target || one.clientAddress !== other.clientAddress) return false
  const [left, right] = [telling(one.fields), telling(other.fields)]
  return left.length === right.length && left.every((text, index) => text === right[index])
}

/** The lines that could change the answer, in their order. */
function telling(fields: readonly string[]): readonly string[] {
  return fields.filter((_, index) => !ignored.test(fields[index - (index % 2)] as string))
}
