/** What goes wrong on purpose. Counts say how many of the next requests are hit, and go down as they are. */
export interface Faults {
  /** Delay before every answer. */
  latencyMs: number
  /** Answers with this status: as a load balancer's page, or in the error envelope. */
  failNext: FailNext | null
  /** Requests whose connection is reset before any byte of an answer; they are not executed. */
  resetNext: number
  /** Requests that are executed, and whose connection is dropped in the middle of the answer. */
  resetMidBody: number
  /** Requests that are never answered. */
  hang: number
  /** Requests answered 429. */
  throttle: number
  /** Refs of objects that no request may change: 423. */
  lockedRefs: Set<string>
}

/** A failure for the next `count` requests; `status` is 200 to 599. */
export interface FailNext {
  status: number
  html: boolean
  count: number
}

/** Switches that are all off. */
export function noFaults(): Faults {
  return { latencyMs: 0, failNext: null, resetNext: 0, resetMidBody: 0, hang: 0, throttle: 0, lockedRefs: new Set() }
}

type CountedFault = 'resetNext' | 'resetMidBody' | 'hang' | 'throttle'

/** Whether the next request is hit; counts it when it is. */
export function takeFault(faults: Faults, name: CountedFault): boolean {
  if (faults[name] <= 0) return false
  faults[name] -= 1
  return true
}

/** The failure that the next request gets, or null. */
export function takeFailure(faults: Faults): FailNext | null {
  const { failNext } = faults
  if (failNext === null || failNext.count <= 0) return null
  failNext.count -= 1
  return failNext
}

/** The faults as JSON. */
export function describeFaults(faults: Faults): Record<string, unknown> {
  return { ...faults, lockedRefs: [...faults.lockedRefs] }
}

/**
 * Changes the faults that the input names; the others stay.
 *
 * @returns what is wrong with the input, or null when it was applied
 */
export function applyFaults(faults: Faults, input: Readonly<Record<string, unknown>>): string | null {
  for (const [name, value] of Object.entries(input)) {
    const accepts = (acceptedBy as Record<string, (value: unknown) => boolean>)[name]
    if (accepts === undefined) return `${name}: is not a fault`
    if (!accepts(value)) return `${name}: has the wrong type`
  }
  const { lockedRefs, ...others } = input as Partial<Omit<Faults, 'lockedRefs'>> & { lockedRefs?: readonly string[] }
  Object.assign(faults, others)
  if (lockedRefs !== undefined) faults.lockedRefs = new Set(lockedRefs)
  return null
}

const acceptedBy: Readonly<Record<keyof Faults, (value: unknown) => boolean>> = {
  latencyMs: isCount,
  failNext: isFailNext,
  resetNext: isCount,
  resetMidBody: isCount,
  hang: isCount,
  throttle: isCount,
  lockedRefs: value => Array.isArray(value) && value.every(ref => typeof ref === 'string'),
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isFailNext(value: unknown): boolean {
  if (value === null) return true
  if (typeof value !== 'object') return false
  const { status, html, count, ...unknown } = value as Partial<Record<keyof FailNext, unknown>>
  const isStatus = isCount(status) && (status as number) >= 200 && (status as number) <= 599
  return isStatus && typeof html === 'boolean' && isCount(count) && Object.keys(unknown).length === 0
}
