import { createHmac } from 'node:crypto'
import type { Logger } from 'pino'
import type { Environment } from '../forage/environments.ts'
import { createTraceSampler } from './access-log-sampling.ts'
import { datadogId } from './log-datadog-id.ts'
import { loggedRouteOf } from './logged-route.ts'
import type { Observe, RequestStory } from './request-story.ts'
import { versionOnly } from './sdk-version.ts'
import { verdictOf, wouldDenyOf } from './verdict.ts'

export interface AccessLogOptions {
  readonly logger: Logger
  readonly environment: Environment
  /** Key under which values that name a merchant are digested. */
  readonly hashKey: Uint8Array
  /** Share of the requests that were allowed and answered below 400 that is logged, 0 to 1. Default 1. */
  readonly sampleSuccesses?: number
}

/**
 * Logs one line per request: an allow-list of fields, none of which a client can fill with a token, a card number or a
 * query. Redaction would have to know every place where those can stand.
 *
 * Levels: a refusal is not an error of ours, but an authentication token in a client's hands is a warning; faults of
 * the upstream are warnings, faults of the gateway errors. That such a token is one of ours, and has leaked, is told as
 * an error by whoever finds out.
 */
export function createAccessLog(options: AccessLogOptions): Observe {
  const { logger, sampleSuccesses = 1 } = options
  const keeps = createTraceSampler(sampleSuccesses)
  const lineOf = createLines(options)
  return story => {
    const level = levelOf(story)
    if (!logger.isLevelEnabled(level)) return
    const isSampled = sampleSuccesses < 1 && isSuccess(story)
    if (isSampled && !keeps(story.decision?.traceId ?? '')) return
    logger[level](lineOf(story, isSampled ? sampleSuccesses : undefined), 'request')
  }
}

function levelOf({ reason }: RequestStory): 'info' | 'warn' | 'error' {
  if (reason === 'internal_fault') return 'error'
  if (reason === 'authentication_token' || reason?.startsWith('upstream_')) return 'warn'
  return 'info'
}

/** What an operator has seen often enough to do without each single line of it. Nothing that went, or would go, wrong is. */
function isSuccess(story: RequestStory): boolean {
  if (wouldDenyOf(story) !== undefined) return false
  return verdictOf(story) === 'allow' && story.reason === undefined && story.status < 400
}

type LineOf = (story: RequestStory, sampleRate: number | undefined) => object

/** One list of all fields, however long: it is what may be logged. */
function createLines({ environment, hashKey }: AccessLogOptions): LineOf {
  const digest = createDigests(hashKey)
  return (story, sampleRate) => {
    const { decision } = story
    const facts = decision?.facts
    const judged = decision?.outcome === 'allow' || decision?.outcome === 'deny' ? decision : undefined
    const provenance = judged?.session?.provenance
    return {
      request_id: story.requestId,
      trace_id: decision?.traceId,
      span_id: decision?.spans?.serverSpanId,
      'dd.trace_id': decision && datadogId(decision.traceId),
      method: story.method,
      route: loggedRouteOf(decision),
      status: story.status,
      decision: verdictOf(story),
      reason: story.reason,
      would_deny: wouldDenyOf(story),
      scope: judged?.route?.scope,
      environment,
      policy: decision?.rules.policy,
      config_generation: decision?.rules.generation,
      session: judged?.session?.fingerprint,
      tenant: judged?.session?.tenant,
      use_case: story.useCase ?? provenance?.useCase,
      customer: story.customer ?? provenance?.customer,
      merchant_account: facts?.merchantAccount === undefined ? undefined : digest(facts.merchantAccount),
      client_address: story.clientAddress,
      duration_ms: rounded(story.durationMs),
      upstream_ms: story.upstreamMs === undefined ? undefined : rounded(story.upstreamMs),
      retries: story.retries || undefined,
      bytes_in: story.bytesIn,
      bytes_out: story.bytesOut,
      sdk_version: versionOnly(facts?.sdkVersion),
      error_code: story.errorCode || undefined,
      sample_rate: sampleRate,
    }
  }
}

/** Microseconds are enough. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000
}

/** Keyed digests of values that come again and again. Bounded, since clients choose them. */
function createDigests(key: Uint8Array): (value: string) => string {
  const known = new Map<string, string>()
  return value => {
    const seen = known.get(value)
    if (seen !== undefined) return seen
    const digest = createHmac('sha256', key).update(value).digest('base64url').slice(0, 16)
    if (known.size < 1024) known.set(value, digest)
    return digest
  }
}
