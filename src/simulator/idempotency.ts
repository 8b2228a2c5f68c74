import type { Answer } from './answer.ts'
import { apiError } from './api-error.ts'
import { BoundedMap } from './bounded-map.ts'

/** Seconds that an answer is kept for its key. */
export const retentionSec = 86_400

const maxKeys = 10_000
const maxKeyLength = 255

interface Kept {
  readonly bodySha256: string
  readonly answer: Answer
  readonly expiresAt: number
}

/** A request that carries an idempotency key. */
export interface KeyedRequest {
  /** A key belongs to one path: clients use the ref of a payment as its key for more than one operation. */
  readonly path: string
  readonly key: string
  readonly bodySha256: string
}

/** The answers that are given again when a request comes again with its `Idempotency-Key`. */
export class IdempotencyStore {
  readonly #kept = new BoundedMap<string, Kept>(maxKeys)
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  get size(): number {
    return this.#kept.size
  }

  /**
   * @returns the answer that was given before, or null
   * @throws ApiError `cannot_change_request` when the key was used for another body
   */
  recall(request: KeyedRequest): Answer | null {
    if (request.key.length > maxKeyLength) throw apiError('invalid_input_data', 'Idempotency_Key')
    const kept = this.#kept.get(entryKey(request))
    if (kept === undefined || kept.expiresAt <= this.#now()) return null
    if (kept.bodySha256 !== request.bodySha256) throw apiError('cannot_change_request')
    return kept.answer
  }

  /** Keeps a success only: whoever was refused may correct the request (a wrong PIN) under the same key. */
  keep(request: KeyedRequest, answer: Answer): void {
    if (answer.status >= 300) return
    const key = entryKey(request)
    // Taken out first, so that a renewed key is young again when the oldest are forgotten.
    this.#kept.delete(key)
    this.#kept.set(key, { bodySha256: request.bodySha256, answer, expiresAt: this.#now() + retentionSec })
  }

  clear(): void {
    this.#kept.clear()
  }
}

function entryKey({ path, key }: KeyedRequest): string {
  return `${path}\n${key}`
}
