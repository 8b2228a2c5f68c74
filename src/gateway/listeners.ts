import type { Server } from 'node:http'
import type { Config } from '../config/config.ts'
import { createClientAddress } from '../hosts/client-address.ts'
import { connectionCap, openFilesLimit } from '../hosts/connection-cap.ts'
import { createForwardAuth } from '../hosts/forward-auth.ts'
import { createStandalone } from '../hosts/standalone.ts'
import { createStoryAudit } from '../observability/audit-of-story.ts'
import { logFault } from '../observability/fault-log.ts'
import { createRequestIds } from '../observability/request-ids.ts'
import type { Observe } from '../observability/request-story.ts'
import { createAdmin } from './admin.ts'
import { type Parts, systemClock } from './parts.ts'
import { readinessOf } from './readiness.ts'
import { refusedTokens } from './refused-tokens.ts'
import type { Reloading } from './reload.ts'
import type { Rules } from './rules.ts'

/** What listens for requests. */
export interface ListenerParts extends Parts {
  readonly rules: Rules
  /** Key of the fingerprints in logs. */
  readonly fingerprintKey: Uint8Array
  readonly isDraining: () => boolean
}

/** The listener for clients. */
export function createListener(config: Config, parts: ListenerParts): Server {
  const { listen, upstream: upstreamConfig } = config
  const { sessions, upstream, budget, issuing, clientLimits } = parts
  return createStandalone({
    ...commonOptions(config, parts),
    ...issuing?.listener,
    tls: listen.tls,
    // The other half is for requests that are there as a whole.
    bodyPlaces: Math.ceil(upstreamConfig.connections / 2),
    findClientAddress: createClientAddress(listen.trustedProxies ?? []),
    upstream,
    budget,
    onUnauthorized: refusedTokens(config, sessions.registry, clientLimits),
  })
}

/** The listener for gateways that ask for decisions; null where none is configured. */
export function createAuthorizer(config: Config, parts: ListenerParts): Server | null {
  const { forwardAuth, listen } = config
  if (forwardAuth === null) return null
  const { onBlockedCredential } = parts.issuing?.listener ?? {}
  return createForwardAuth({
    ...commonOptions(config, parts),
    ...(onBlockedCredential && { onBlockedCredential }),
    front: forwardAuth.front,
    trustedProxies: listen.trustedProxies ?? [],
  })
}

function commonOptions({ limits, upstream, tracing }: Config, parts: ListenerParts) {
  const { rules, metrics, shedding, logger, isDraining } = parts
  const nextIds = createRequestIds({ hasClientSpan: tracing !== null })
  return {
    gate: rules.gate,
    crossOriginFields: rules.crossOriginFields,
    observe: observerOf(parts),
    onFault: (error: unknown, requestId: string) => logFault(logger, error, requestId),
    nextIds() {
      metrics.noteBegun()
      return nextIds()
    },
    maxHeaderBytes: limits.maxHeaderBytes,
    maxConnections: connectionCap(openFilesLimit(), upstream.connections),
    clientTimeoutMs: upstream.bodyTimeoutMs,
    isDraining,
    isOverloaded: () => shedding.overload !== undefined,
  }
}

/** Everybody who is told of a request, once, at its end. */
function observerOf(parts: ListenerParts): Observe {
  const { counters, activity, isWatched, metrics, rules, record, tracing, hasAudit, fingerprintKey } = parts
  const auditOf = hasAudit ? createStoryAudit({ hashKey: fingerprintKey, now: systemClock }) : () => undefined
  return story => {
    counters.observe(story)
    if (isWatched) activity.observe(story)
    metrics.observe(story)
    rules.accessLog(story)
    tracing?.observe(story)
    const event = auditOf(story)
    if (event) record(event)
  }
}

/** The listener for operators; null where none is configured. */
export function createOperatorListener(parts: ListenerParts & { readonly reloading: Reloading }): Server | null {
  const { issuing, metrics, counters, shedding, sessions, state, budget, reloading, isDraining } = parts
  return createAdmin({
    ...parts,
    startedAt: performance.now(),
    issuance: issuing?.own ?? null,
    metrics: metrics.snapshot,
    counters: counters.snapshot,
    workers: () => ({ configured: 1, live: 1, restarts: 0 }),
    readiness: () => readinessOf({ isDraining: isDraining(), shedding, sessions, state, budget, reloading }),
  })
}
