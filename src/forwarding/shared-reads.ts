import type { Exchange } from './exchange.ts'

/** A read, as far as two of them may differ. */
export interface Read {
  /** Session and target in one text, made once: it is looked up several times. */
  readonly key: string
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

/** Fields that differ between two reads of one app, and change nothing about the answer. */
const ignored = /^(?:traceparent|tracestate|baggage|x-request-id|x-correlation-id|x-datadog-.*)$/i

/**
 * Makes the list. Two reads are identical when a session asks from one address for one target with the same fields, those
 * of tracing aside: then nobody could tell their answers apart.
 */
export function createSharedReads(): SharedReads {
  const underWay = new Map<string, { readonly read: Read; readonly exchange: Exchange }>()
  return {
    find(read) {
      const known = underWay.get(read.key)
      return known && isIdentical(known.read, read) ? known.exchange : undefined
    },
    add(read, exchange) {
      underWay.set(read.key, { read, exchange })
    },
    remove(read) {
      if (underWay.get(read.key)?.read === read) underWay.delete(read.key)
    },
  }
}

function isIdentical(one: Read, other: Read): boolean {
  if (one.clientAddress !== other.clientAddress) return false
  const [left, right] = [telling(one.fields), telling(other.fields)]
  return left.length === right.length && left.every((text, index) => text === right[index])
}

/** The lines that could change the answer, in their order. */
function telling(fields: readonly string[]): readonly string[] {
  return fields.filter((_, index) => !ignored.test(fields[index - (index % 2)] as string))
}
