import { type ApiError, apiError } from './api-error.ts'
import type { Cents, JsonObject } from './records.ts'

const maxObjectCharacters = 16_384

/** Reads the members of a request body, and refuses what is missing or wrong as `invalid_input_data`. */
export class InputFields {
  readonly #body: JsonObject
  readonly #resource: string

  /** @param resource named as the source of an error */
  constructor(body: JsonObject, resource: string) {
    this.#body = body
    this.#resource = resource
  }

  has(name: string): boolean {
    return this.#body[name] !== undefined && this.#body[name] !== null
  }

  /** A text of 1 to `max` characters. */
  text(name: string, max = 255): string {
    const value = this.#body[name]
    if (typeof value !== 'string' || value === '' || value.length > max) throw this.wrong(name)
    return value
  }

  textOr<T>(name: string, fallback: T, max?: number): string | T {
    return this.has(name) ? this.text(name, max) : fallback
  }

  oneOf<T extends string>(name: string, values: readonly T[]): T {
    const found = values.find(value => value === this.#body[name])
    if (found === undefined) throw this.wrong(name)
    return found
  }

  booleanOr(name: string, fallback: boolean): boolean {
    const value = this.#body[name] ?? fallback
    if (typeof value !== 'boolean') throw this.wrong(name)
    return value
  }

  integer(name: string, min: number, max: number): number {
    const value = this.#body[name]
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) throw this.wrong(name)
    return value
  }

  /** An amount of money: a number or a decimal text with up to two places, and not negative. */
  cents(name: string): Cents {
    const value = this.#body[name]
    const text = typeof value === 'number' ? String(value) : value
    const match = typeof text === 'string' ? /^(\d{1,7})(?:\.(\d{1,2}))?$/.exec(text) : null
    if (match === null) throw this.wrong(name)
    return Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'))
  }

  /** An amount above zero. */
  positiveCents(name: string): Cents {
    const cents = this.cents(name)
    if (cents === 0) throw this.wrong(name)
    return cents
  }

  object(name: string): JsonObject {
    const value = this.#body[name]
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw this.wrong(name)
    // Objects are kept as they come, so their size is what bounds the memory of a stored record.
    if (JSON.stringify(value).length > maxObjectCharacters) throw this.wrong(name)
    return value as JsonObject
  }

  objectOr(name: string, fallback: JsonObject): JsonObject {
    return this.has(name) ? this.object(name) : fallback
  }

  /** The refusal of a member. Names it, and never repeats its value. */
  wrong(name: string): ApiError {
    return apiError('invalid_input_data', this.#resource, `${name}: This field is missing or invalid.`)
  }
}

/** Cents as the API writes an amount: `"20.00"`. */
export function formatCents(cents: Cents): string {
  return (cents / 100).toFixed(2)
}

/** Seconds since the epoch as the API writes a time: RFC 3339 in UTC. */
export function formatTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString()
}
