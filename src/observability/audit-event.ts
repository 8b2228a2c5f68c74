import type { ForageFaultKind } from '../forage/forage-fault.ts'
import type { Reason } from '../gate/reasons.ts'
import type { IssuingEvent } from '../issuing/issuing-event.ts'
import type { Leak } from '../issuing/leaks.ts'

/** What every event tells. All of it is plain data: a worker sends it to the process that writes the trail. */
interface Told {
  /** When it happened, in seconds since the epoch. */
  readonly time: number
  /** Policy and configuration that it happened under, where that is another process's. Default: the writer's. */
  readonly policy?: string
  readonly configGeneration?: number
}

/** A request, as far as it may be told: nothing that a client wrote but what was found to be well formed. */
export interface AuditedRequest {
  readonly requestId: string
  readonly traceId?: string | undefined
  /** One of the methods that HTTP has, or `other`. */
  readonly method: string
  /** Template, never the path. */
  readonly route?: string | undefined
  readonly status: number
  readonly scope?: string | undefined
  /** Keyed fingerprint of the session token. */
  readonly session?: string | undefined
  readonly useCase?: string | undefined
  /** Keyed digests. */
  readonly customer?: string | undefined
  readonly merchantAccount?: string | undefined
  readonly clientAddress: string
  readonly sdkVersion?: string | undefined
}

interface Denied extends AuditedRequest {
  /** `authentication_token_blocked`: the denial of that reason, which somebody has to follow up. */
  readonly event: 'denied' | 'authentication_token_blocked'
  readonly reason: Reason
}

/** A request was let through, since the policy reports a denial of it. */
interface WouldDeny extends AuditedRequest {
  readonly event: 'would_deny'
  readonly reason: Reason
}

interface SessionIssued extends AuditedRequest {
  readonly event: 'session_issued'
}

/** One of the gateway's own credentials came from a client. */
interface Leaked {
  readonly event: 'authentication_token_leaked'
  readonly credential: Leak['kind']
  readonly fingerprint: string
  readonly useCase?: string | undefined
  readonly requestId: string
  readonly clientAddress: string
  readonly sdkVersion?: string | undefined
}

/** Session tokens were put on record by the merchant's backend. */
interface TokensRegistered {
  readonly event: 'tokens_registered'
  readonly count: number
  readonly useCases: readonly string[]
}

interface SessionsRevoked {
  readonly event: 'sessions_revoked'
  /** What was named: `token`, `useCase`, `authenticationToken` or `all`. */
  readonly kind: string
  /** The use case that was named, where anything here carries it; otherwise those whose authentication tokens were hit. */
  readonly useCases: readonly string[]
  /** False: the shared state was away, and the other replicas did not know yet. Absent: they did, or there are none. */
  readonly shared?: false
}

/** Something happened to the authentication tokens. */
interface OfIssuing {
  readonly event: IssuingEvent['kind']
  readonly useCase: string
  /** Fingerprint. */
  readonly authenticationToken?: string | undefined
  readonly cause?: string | undefined
  readonly reason?: string | undefined
  readonly fault?: ForageFaultKind | undefined
  readonly retryInSec?: number | undefined
  readonly hasWorkingToken?: boolean | undefined
  /** RFC 3339. */
  readonly expiresAt?: string | undefined
}

interface AdminCalled {
  readonly event: 'admin_call'
  readonly method: string
  /** Path of a route that there is; undefined for any other. */
  readonly route?: string | undefined
  readonly status: number
  /** Code of the refusal; undefined: it was done. */
  readonly refusal?: string | undefined
  readonly peerAddress: string
}

interface Configured {
  readonly event: 'configuration_loaded' | 'configuration_refused'
  /** Of the configuration that was read. */
  readonly digest?: string | undefined
  /** The configuration that is in force then. */
  readonly generation: number
  readonly result: 'success' | 'failure'
  /** How much is wrong with a refused one. */
  readonly problems?: number | undefined
}

interface Begun {
  readonly event: 'started'
  readonly version: string
  readonly environment: string
  readonly verify: string
}

interface Ended {
  readonly event: 'stopped'
}

/** What the trail says of itself. */
interface OfTrail {
  /**
   * `audit_reopened`: the file was opened again, as after a rotation. `audit_line_cut`: what stands before this line is no
   * line, since a write broke off. `audit_lines_lost`: events that were not written.
   */
  readonly event: 'audit_reopened' | 'audit_line_cut' | 'audit_lines_lost'
  /** Of a cut line: its octets, and their SHA-256 in hexadecimal. */
  readonly octets?: number
  readonly digest?: string
  /** How many lines were lost since that was last told, and in all since the process began. */
  readonly lost?: number
  readonly total?: number
  /** Whether the lost lines had got sequence numbers. */
  readonly numbered?: boolean
}

/** What an auditor is told. Survives a structured clone and JSON. */
export type AuditEvent = Told &
  (
    | Denied
    | WouldDeny
    | SessionIssued
    | Leaked
    | TokensRegistered
    | SessionsRevoked
    | OfIssuing
    | AdminCalled
    | Configured
    | Begun
    | Ended
    | OfTrail
  )

export type AuditEventName = AuditEvent['event']
