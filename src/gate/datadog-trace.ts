/** The fields by which Datadog's libraries continue a trace, as received; `''` for one that came twice. */
export interface DatadogFields {
  traceId?: string
  parentId?: string
  samplingPriority?: string
  tags?: string
}

/** Where in a trace the sender of a request stands, as its fields say. */
export interface RemoteSpan {
  /** 32 lower-case hex digits. */
  readonly traceId: string
  /** 16 lower-case hex digits; undefined: it did not say. */
  readonly spanId: string | undefined
  /** Trace flags (W3C Trace Context §3.2.2.5), two hex digits; undefined: it has not decided whether to sample. */
  readonly flags: string | undefined
}

// Decimal, without leading zeros. A trace id gets into logs, and a card number must not because somebody wrote it into the
// wrong field. So there is no trace in numbers as short as cards, but for what Forage's SDKs send (33 or 44 and 14 digits,
// which begin no EBT card), nor in longer ones that begin as EBT cards do (5 or 6) and have a card's check digit. Of random
// ids of 64 bits, one in 90 is lost by that.
const traceNumber = /^(?:[1-9][0-9]{16,19}|(?:33|44)[0-9]{14})$/
const cardNumber = /^[56][0-9]{16,18}$/
const largest = 0xffff_ffff_ffff_ffffn

// The upper half of a 128-bit trace id, among other tags (`name=value`, parted by commas).
const upperHalf = /(?:^|,)_dd\.p\.tid=([0-9a-f]{16})(?:,|$)/

/**
 * Reads the trace that a client of Datadog's libraries is in. Their ids have 64 bits; newer libraries send the upper half of
 * a 128-bit trace id among the tags, and without it that half is zero.
 *
 * @returns undefined when there is no trace id that can be taken for one
 */
export function readDatadogTrace({ traceId, parentId, samplingPriority, tags }: DatadogFields): RemoteSpan | undefined {
  const lower = hexOf(traceId)
  if (lower === undefined) return undefined
  const [, upper = '0'.repeat(16)] = upperHalf.exec(tags ?? '') ?? []
  return { traceId: upper + lower, spanId: hexOf(parentId), flags: flagsOf(samplingPriority) }
}

function hexOf(decimal: string | undefined): string | undefined {
  if (decimal === undefined || !traceNumber.test(decimal)) return undefined
  if (cardNumber.test(decimal) && hasCheckDigit(decimal)) return undefined
  const id = BigInt(decimal)
  return id > largest ? undefined : id.toString(16).padStart(16, '0')
}

/** The Luhn formula (ISO/IEC 7812-1, annex B): every second digit from the right is doubled, and the digits of all summed. */
function hasCheckDigit(decimal: string): boolean {
  let sum = 0
  for (let index = 0; index < decimal.length; index++) {
    const digit = decimal.charCodeAt(decimal.length - 1 - index) - 48
    const counted = index % 2 === 0 ? digit : digit * 2
    sum += counted > 9 ? counted - 9 : counted
  }
  return sum % 10 === 0
}

/** Above zero means: keep this trace. */
function flagsOf(samplingPriority: string | undefined): string | undefined {
  if (samplingPriority === undefined || !/^-?[0-9]{1,2}$/.test(samplingPriority)) return undefined
  return Number(samplingPriority) > 0 ? '01' : '00'
}
