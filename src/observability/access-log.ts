import { createHmac } from 'node:crypto'
import type { Logger } from 'pino'
import type { Environment } from '../forage/environments.ts'
import type { Observe, RequestStory } from './request-story.ts'
import { versionOnly } from './sdk-version.ts'
import { verdictOf } from './verdict.ts'

export interface AccessLogOptions {
  readonly logger: Logger
  readonly environment: Environment
  /** Key under which values that name a merchant are digested. */
  readonly hashKey: Uint8Array
}

/** Stands for `POST /session_token`, which is no route of the policy. */
const issueRoute = '/session_token'

/**
 * Logs one line per request: an allow-list of fields, none of which a client can fill with a token, a card number or a
 * query. Redaction would have to know every place where those can stand.
 *
 * Levels: a refusal is not an error of ours, but an authentication token in a client's hands is a warning; faults of
 * the upstream are warnings, faults of the gateway errors.
 */
export function createAccessLog({ logger, environment, hashKey }: AccessLogOptions): Observe {
  const merchants = createDigests(hashKey)
  return story => {
    const level = levelOf(story)
    if (logger.isLevelEnabled(level)) logger[level](lineOf(story, environment, merchants), 'request')
  }
}

function levelOf({ reason }: RequestStory): 'info' | 'warn' | 'error' {
  if (reason === 'internal_fault') return 'error'
  if (reason === 'authentication_token' || reason?.startsWith('upstream_')) return 'warn'
  return 'info'
}

function lineOf(story: RequestStory, environment: Environment, digest: (value: string) => string): object {
  const { decision } = story
  const facts = decision?.facts
  const judged = decision?.outcome === 'allow' || decision?.outcome === 'deny' ? decision : undefined
  const provenance = judged?.session?.provenance
  return {
    request_id: story.requestId,
    trace_id: decision?.traceId,
    method: story.method,
    route: judged?.route?.template ?? (decision?.outcome === 'issue' ? issueRoute : undefined),
    status: story.status,
    decision: verdictOf(story),
    reason: story.reason,
    scope: judged?.route?.scope,
    environment,
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
