import { isIP } from 'node:net'
import { z } from 'zod'

/**
 * Kinds of values that several keys share. Each names what to write in one sentence, which is the whole message when
 * something else stands there; the value itself is never repeated, since it may be a secret in the wrong place.
 */
export function wholeNumber(minimum: number, maximum: number, unit: string): z.ZodInt {
  const error = `must be a whole number of ${unit} from ${minimum} to ${maximum}`
  return z.int({ error }).min(minimum, { error }).max(maximum, { error })
}

export function words(pattern: RegExp, error: string): z.ZodString {
  return z.string({ error: orNeeded(error) }).regex(pattern, { error })
}

/** Where nothing stands, the sentence says that something is needed: `must be text` → `is needed: write text`. */
export function orNeeded(error: string): (issue: { readonly input?: unknown }) => string {
  return ({ input }) => (input === undefined ? error.replace(/^must be /, 'is needed: write ') : error)
}

/** A name or path of a file; relative ones are relative to the file of the configuration. */
export function filePath(description: string): z.ZodString {
  return words(/^[^\0]+$/, 'must be the path of a file').describe(description)
}

export function httpsUrl(description: string): z.ZodString {
  return words(/^https:\/\/[^\s@]+$/, 'must be an https:// URL without user name').describe(description)
}

/** Keys decide who gets in: they come over https, or from this machine. */
export function keyUrl(description: string): z.ZodString {
  const loopback = 'http:\\/\\/(?:localhost|127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}|\\[::1\\])(?::\\d{1,5})?'
  const pattern = new RegExp(`^(?:https://[^\\s@/]+|${loopback})(?:/[^\\s@]*)?$`)
  return words(pattern, 'must be an https:// URL without user name (http:// on this machine only)').describe(
    description,
  )
}

const hostError = 'must be an address or a host name, such as 127.0.0.1'

export function hostName(): z.ZodString {
  return words(/^(?:[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+)$/, hostError)
}

export function portNumber(): z.ZodInt {
  const error = 'must be a port from 0 to 65535 (0 picks a free one)'
  return z.int({ error }).min(0, { error }).max(65_535, { error })
}

export function ipAddress(): z.ZodString {
  const error = 'must be an IP address, such as 203.0.113.7'
  return z.string({ error }).refine(text => isIP(text) !== 0, { error })
}

/** A network, such as `10.0.0.0/8`. */
export function cidr(): z.ZodString {
  const error = 'must be a network, such as 10.0.0.0/8'
  return z.string({ error }).refine(isCidr, { error })
}

function isCidr(text: string): boolean {
  const [address = '', bits = '', ...rest] = text.split('/')
  const version = isIP(address)
  return version !== 0 && rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)
}

/** So many requests in so many seconds. */
export interface RateDocument {
  readonly requests: number
  readonly windowSec: number
}

/** A rate with its defaults; null: none. */
export function rate(requests: number, windowSec: number): z.ZodPrefault<z.ZodNullable<z.ZodType<RateDocument>>> {
  return z
    .strictObject({
      requests: wholeNumber(1, 1_000_000, 'requests').default(requests).describe('Requests per window.'),
      windowSec: wholeNumber(1, 86_400, 'seconds').default(windowSec).describe('Length of the window, in seconds.'),
    })
    .nullable()
    .prefault({})
}
