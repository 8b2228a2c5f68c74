import { createHmac } from 'node:crypto'
import type { Environment } from '../forage/environments.ts'
import type { Decision, RulesName } from '../gate/decision.ts'
import type { Route } from '../gate/policy.ts'
import type { Reason } from '../gate/reasons.ts'
import type { Session } from '../session/session.ts'
import { datadogId } from './log-datadog-id.ts'
import { loggedRouteOf } from './logged-route.ts'
import type { RequestStory } from './request-story.ts'
import { versionOnly } from './sdk-version.ts'
import { verdictOf, wouldDenyOf } from './verdict.ts'

export interface AccessMembersOptions {
  readonly environment: Environment
  /** Key under which values that name a merchant are digested. */
  readonly hashKey: Uint8Array
}

/**
 * The members of a request's line: JSON without its braces.
 *
 * @param sampleRate what share of such lines is written; undefined: each
 */
export type AccessMembers = (story: RequestStory, sampleRate: number | undefined) => string

/**
 * Makes the one list of everything that is logged of a request.
 *
 * As text, and no object: what was decided about a route and what is known of a session come again and again, and are
 * written out once. pino takes 6 µs and 4.5 KB of memory for the whole as an object, each time.
 */
export function createAccessMembers({ environment, hashKey }: AccessMembersOptions): AccessMembers {
  const judgementOf = createJudgements(environment)
  const sessionOf = createSessionTexts()
  const digest = createDigests(hashKey)
  return (story, sampleRate) => {
    const { decision } = story
    const { merchantAccount, sdkVersion } = decision?.facts ?? noFacts
    return (
      `"request_id":"${story.requestId}"${traceOf(decision)}${judgementOf(story)}${sessionOf(story)}` +
      optional('merchant_account', merchantAccount === undefined ? undefined : digest(merchantAccount)) +
      `,"client_address":${quoted(story.clientAddress)}${measuresOf(story)}` +
      optional('sdk_version', sdkVersion === undefined ? undefined : versionOnly(sdkVersion)) +
      optional('error_code', story.errorCode || undefined) +
      optional('sample_rate', sampleRate)
    )
  }
}

const noFacts = { merchantAccount: undefined, sdkVersion: undefined }

/** Ids are hexadecimal, whoever has made them. */
function traceOf(decision: Decision | undefined): string {
  if (decision === undefined) return ''
  const { traceId, spans } = decision
  return `,"trace_id":"${traceId}"${optional('span_id', spans?.serverSpanId)},"dd.trace_id":"${datadogId(traceId)}"`
}

function measuresOf({ durationMs, upstreamMs, retries, bytesIn, bytesOut }: RequestStory): string {
  const upstream = upstreamMs === undefined ? '' : `,"upstream_ms":${rounded(upstreamMs)}`
  const again = retries ? `,"retries":${retries}` : ''
  return `,"duration_ms":${rounded(durationMs)}${upstream}${again},"bytes_in":${bytesIn},"bytes_out":${bytesOut}`
}

interface KnownText {
  readonly text: string
  readonly status: number
  /** Whose judgement it is: rules that are loaded anew may have the same routes. */
  readonly rules: RulesName
}

/**
 * What was decided, and what for. For requests of a route it is remembered: of those that are let in by their status,
 * of those that are refused by the reason.
 */
function createJudgements(environment: Environment): (story: RequestStory) => string {
  const known = new WeakMap<Route, Map<number | Reason, KnownText>>()

  function write(story: RequestStory): string {
    const { decision } = story
    const judged = decision?.outcome === 'allow' || decision?.outcome === 'deny' ? decision : undefined
    return membersOf({
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
    })
  }

  function recall(story: RequestStory, route: Route, rules: RulesName): string {
    const { status, reason } = story
    const byEnd = known.get(route) ?? new Map<number | Reason, KnownText>()
    const seen = byEnd.get(reason ?? status)
    if (seen?.rules === rules && seen.status === status) return seen.text
    const text = write(story)
    known.set(route, byEnd.set(reason ?? status, { text, status, rules }))
    return text
  }

  return story => {
    const { decision, reason } = story
    if (decision?.outcome === 'deny' && decision.route) return recall(story, decision.route, decision.rules)
    const isUsual = decision?.outcome === 'allow' && reason === undefined && decision.wouldDeny === undefined
    return isUsual ? recall(story, decision.route, decision.rules) : write(story)
  }
}

/** Whose request it was. Remembered by session. */
function createSessionTexts(): (story: RequestStory) => string {
  const known = new WeakMap<Session, string>()

  function write({ fingerprint, tenant, provenance }: Partial<Session>, story: RequestStory): string {
    return membersOf({
      session: fingerprint,
      tenant,
      use_case: story.useCase ?? provenance?.useCase,
      customer: story.customer ?? provenance?.customer,
    })
  }

  return story => {
    const { decision, useCase, customer } = story
    const session = decision?.outcome === 'allow' || decision?.outcome === 'deny' ? decision.session : undefined
    if (useCase !== undefined || customer !== undefined) return write(session ?? {}, story)
    if (session === undefined) return ''
    const seen = known.get(session)
    if (seen !== undefined) return seen
    const text = write(session, story)
    known.set(session, text)
    return text
  }
}

/** Members with a comma in front of each; none for those that are undefined. */
function membersOf(members: Readonly<Record<string, string | number | undefined>>): string {
  const text = JSON.stringify(members)
  return text === '{}' ? '' : `,${text.slice(1, -1)}`
}

function optional(name: string, value: string | number | undefined): string {
  return value === undefined ? '' : `,"${name}":${typeof value === 'string' ? quoted(value) : value}`
}

const needsNoEscape = /^[\w.:-]*$/

function quoted(text: string): string {
  return needsNoEscape.test(text) ? `"${text}"` : JSON.stringify(text)
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
