import type { Exchange } from './exchange.ts'

/** A read, as far as two of one session may differ. */
export interface Read {
  readonly target: string
  readonly clientAddress: string
  /** Field lines as received: name, value … */
  readonly fields: readonly string[]
}

/** Fields that differ between two reads of one app, and change nothing about the answer. */
const ignored = /^(?:traceparent|tracestate|baggage|x-request-id|x-correlation-id|x-datadog-.*)$/i

interface UnderWay {
  readonly read: Read
  readonly exchange: Exchange
}

/**
 * Reads of one session that are under way. Two are identical when they come from one address for one target with the same
 * fields, those of tracing aside: then nobody could tell their answers apart.
 *
 * A list by session, not a Map by text: what is added and removed with every request makes a Map grow new tables all the
 * time.
 */
export class SessionReads {
  readonly #underWay: UnderWay[] = []

  /** The exchange of an identical read, which may take on another client. The newest: those before it may be answered. */
  find(read: Read): Exchange | undefined {
    for (let index = this.#underWay.length - 1; index >= 0; index--) {
      const other = this.#underWay[index] as UnderWay
      if (isIdentical(other.read, read)) return other.exchange
    }
    return undefined
  }

  add(read: Read, exchange: Exchange): void {
    this.#underWay.push({ read, exchange })
  }

  remove(read: Read): void {
    const index = this.#underWay.findIndex(other => other.read === read)
    if (index >= 0) this.#underWay.splice(index, 1)
  }
}

/** The reads of each session, which is the same object for all its requests. */
export function createSharedReads(): (session: object) => SessionReads {
  const bySession = new WeakMap<object, SessionReads>()
  return session => {
    const known = bySession.get(session)
    if (known) return known
    const reads = new SessionReads()
    bySession.set(session, reads)
    return reads
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
