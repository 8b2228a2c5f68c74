import type { RequestFacts } from './request-facts.ts'

export interface CorsOptions {
  /** Exact origins (`https://shop.example`) whose pages may read answers. Default: none. */
  readonly origins: readonly string[]
}

/** Cross-origin rules: the fields that answers get, and which requests are preflights. */
export interface Cors {
  /** Fields for any answer, refusals included: a page cannot read an error without them. */
  responseFields(facts: RequestFacts): readonly string[]
  /** Fields of the answer to a preflight; undefined when the request is none, or of another origin. */
  preflightFields(method: string, facts: RequestFacts): readonly string[] | undefined
}

const none: readonly string[] = []
const exposed = 'x-request-id, retry-after, www-authenticate, api-version'

/**
 * Makes the rules for a list of origins. A preflight carries no credentials (Fetch standard §3.3.1), so it is answered
 * before they are looked at, and never reaches the upstream.
 *
 * @param methods the methods of the policy
 */
export function createCors({ origins }: CorsOptions, methods: readonly string[]): Cors {
  const allowed = new Map(origins.map(origin => [origin, answerFields(origin)]))
  // Which answer one origin gets must not be cached for another.
  const others = origins.length > 0 ? ['Vary', 'Origin'] : none

  function responseFields({ origin }: RequestFacts): readonly string[] {
    return (origin === undefined ? undefined : allowed.get(origin)) ?? others
  }
  return {
    responseFields,
    preflightFields(method, facts) {
      if (method !== 'OPTIONS' || facts.preflightMethod === undefined) return undefined
      if (facts.origin === undefined || !allowed.has(facts.origin)) return undefined
      return preflightAnswer(facts.origin, methods)
    },
  }
}

function answerFields(origin: string): readonly string[] {
  return ['Access-Control-Allow-Origin', origin, 'Access-Control-Expose-Headers', exposed, 'Vary', 'Origin']
}

/** Fields that Forage's clients send. `*` would not cover Authorization (Fetch standard §3.3.5). */
const requestFields =
  'authorization, content-type, accept, merchant-account, api-version, idempotency-key, x-datadog-trace-id, ' +
  'x-datadog-parent-id, x-datadog-origin, x-datadog-sampling-priority, traceparent, tracestate, x-key, ' +
  'x-forage-js-sdk-version'

function preflightAnswer(origin: string, methods: readonly string[]): readonly string[] {
  return [
    'Access-Control-Allow-Origin',
    origin,
    'Access-Control-Allow-Methods',
    methods.join(', '),
    'Access-Control-Allow-Headers',
    requestFields,
    'Access-Control-Max-Age',
    '600',
    'Vary',
    'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
  ]
}
