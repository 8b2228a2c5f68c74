import { readOrigin } from './gateway-origin.ts'
import type { GetSessionToken } from './session-tokens.ts'

export interface SessionFetchOptions {
  /**
   * Asks the merchant's server for a session token. Called when there is none, before the known end of one, and after
   * the gateway refused one; never twice at the same time. It has to ask for a new one each time, and should have a
   * time limit of its own: every request waits for it.
   */
  readonly getSessionToken: GetSessionToken
  /**
   * Origin of the gateway, such as `https://pay.shop.example`. Only requests to it carry the token, and a URL that
   * begins with one `/` is meant to be there. Default: the origin of the first request, for good, and requests to any
   * other are refused.
   */
  readonly baseUrl?: string | URL
  /** How long before `expires_at` a token is renewed, in seconds. Default 30. */
  readonly renewBeforeSec?: number
  /** What sends. Default: the `fetch` of the platform. */
  readonly fetch?: typeof fetch
  /** Makes an `Idempotency-Key`: unique, at most 255 characters. Default: a random UUID of the platform. */
  readonly randomKey?: () => string
  /** Current time in seconds since the epoch. Default: the system clock. */
  readonly now?: () => number
}

/** What is wrong with a value; undefined: nothing. */
type Check = (value: unknown) => string | undefined

const aFunction: Check = value => (typeof value === 'function' ? undefined : 'must be a function')

const checks: Readonly<Record<keyof SessionFetchOptions, Check>> = {
  getSessionToken: aFunction,
  baseUrl: value =>
    readOrigin(String(value))?.rest.match(/^\/?$/)
      ? undefined
      : 'must be an http(s) origin such as https://pay.shop.example, without user, path or query',
  renewBeforeSec: value => (typeof value === 'number' && value >= 0 ? undefined : 'must be a number, 0 or more'),
  fetch: aFunction,
  randomKey: aFunction,
  now: aFunction,
}

const known = Object.keys(checks)

/** @throws TypeError with every problem, each with the name of its option; no value is repeated */
export function checkOptions(options: SessionFetchOptions): void {
  const problems = Object.keys(options).flatMap(name => (known.includes(name) ? [] : [`${name}: is not an option`]))
  for (const [name, check] of Object.entries(checks)) {
    const value = options[name as keyof SessionFetchOptions]
    const problem = value === undefined ? missing(name) : check(value)
    if (problem !== undefined) problems.push(`${name}: ${problem}`)
  }
  if (problems.length > 0) throw new TypeError(problems.join('; '))
}

function missing(name: string): string | undefined {
  return name === 'getSessionToken' ? 'is required' : undefined
}
