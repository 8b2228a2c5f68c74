import type { Logger } from 'pino'
import { createTraceSampler } from './access-log-sampling.ts'
import { type AccessMembersOptions, createAccessMembers } from './access-members.ts'
import type { Observe, RequestStory } from './request-story.ts'
import { verdictOf, wouldDenyOf } from './verdict.ts'

/** Writes the line of a request. @param members JSON without its braces */
export type WriteRequest = (level: AccessLevel, members: string) => void

export type AccessLevel = 'info' | 'warn' | 'error'

export interface AccessLogOptions extends AccessMembersOptions {
  readonly logger: Logger
  /** Default: the logger does, which takes longer. */
  readonly writeRequest?: WriteRequest | undefined
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
  const { logger, sampleSuccesses = 1, writeRequest = writeWith(logger) } = options
  const keeps = createTraceSampler(sampleSuccesses)
  const membersOf = createAccessMembers(options)
  return story => {
    const level = levelOf(story)
    if (!logger.isLevelEnabled(level)) return
    const isSampled = sampleSuccesses < 1 && isSuccess(story)
    if (isSampled && !keeps(story.decision?.traceId ?? '')) return
    writeRequest(level, membersOf(story, isSampled ? sampleSuccesses : undefined))
  }
}

/** What such a line says, in whatever format. */
export const requestMessage = 'request'

function writeWith(logger: Logger): WriteRequest {
  return (level, members) => logger[level](JSON.parse(`{${members}}`), requestMessage)
}

function levelOf({ reason }: RequestStory): AccessLevel {
  if (reason === 'internal_fault') return 'error'
  if (reason === 'authentication_token' || reason?.startsWith('upstream_')) return 'warn'
  return 'info'
}

/** What an operator has seen often enough to do without each single line of it. Nothing that went, or would go, wrong is. */
function isSuccess(story: RequestStory): boolean {
  if (wouldDenyOf(story) !== undefined) return false
  return verdictOf(story) === 'allow' && story.reason === undefined && story.status < 400
}
