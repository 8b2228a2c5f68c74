import type { LoggedRequest } from '../gate/policy-replay.ts'
import { denials, type Reason } from '../gate/reasons.ts'
import { fieldMappings } from '../observability/field-mapping-tables.ts'

/** A request that was decided about by a policy, as its line has it. */
export interface ReplayedRequest extends LoggedRequest {
  readonly wasAllowed: boolean
  /** Digest of the policy that decided; undefined where the line does not say. */
  readonly policy: string | undefined
  /** Whether other requests like it were left out of the log. */
  readonly isSampled: boolean
}

/**
 * What a line is when it is no such request:
 *
 * - `not_json`: not a JSON object
 * - `overlong`: longer than any line of the gateway
 * - `other`: about something else than a request
 * - `not_by_policy`: a CORS preflight, or a session token that was issued
 * - `not_understood`: about a request, and not as the gateway writes it
 */
export type OtherLine = 'not_json' | 'overlong' | 'other' | 'not_by_policy' | 'not_understood'

type Line = Readonly<Record<string, unknown>>
type Read = (line: Line) => unknown

/** How the members of one format are read. */
interface Reader {
  readonly isRequest: (line: Line) => boolean
  readonly read: Readonly<Record<(typeof names)[number], Read>>
}

const names = [
  'method',
  'route',
  'decision',
  'reason',
  'would_deny',
  'scope',
  'use_case',
  'policy',
  'sample_rate',
] as const

/** By the tables that the lines were written with: none of these members is converted on the way. */
const readers: readonly Reader[] = Object.values(fieldMappings).map(({ level, message, fields }) => {
  const readerOf = (field: string): Read => {
    const { name, within } = fields?.known[field]?.[0] ?? { name: `${fields?.others ?? ''}${field}` }
    return within === undefined ? line => line[name] : line => (line[within] as Line | undefined)?.[name]
  }
  return {
    isRequest: line => line[message] === 'request' && typeof line[level] === 'string',
    read: Object.fromEntries(names.map(name => [name, readerOf(name)])) as unknown as Reader['read'],
  }
})

/** Reads the lines of a log. They have one format, as a rule: the last one is tried first. */
export function createLineReader(): (octets: Buffer) => ReplayedRequest | OtherLine {
  let last = readers[0] as Reader
  return octets => {
    const line = parseObject(octets.toString())
    if (!line) return 'not_json'
    const reader = last.isRequest(line) ? last : readers.find(each => each.isRequest(line))
    if (!reader) return 'other'
    last = reader
    return requestOf(line, reader)
  }
}

function parseObject(text: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Line) : undefined
  } catch {
    return undefined
  }
}

function requestOf(line: Line, { read }: Reader): ReplayedRequest | OtherLine {
  const decision = read.decision(line)
  if (decision === 'preflight' || decision === 'issue') return 'not_by_policy'
  const [method, reason] = [read.method(line), read.reason(line)]
  const wasAllowed = decision === 'allow'
  if (!(wasAllowed || (decision === 'deny' && isReason(reason))) || !isShort(method)) return 'not_understood'
  return {
    method,
    template: textOr(read.route(line)),
    // A request that was let in may have come to nothing further out.
    reason: wasAllowed ? undefined : (reason as Reason),
    scope: textOr(read.scope(line)),
    useCase: textOr(read.use_case(line)),
    lackedScope: read.would_deny(line) !== undefined,
    wasAllowed,
    policy: textOr(read.policy(line)),
    isSampled: read.sample_rate(line) !== undefined,
  }
}

function isReason(value: unknown): value is Reason {
  return typeof value === 'string' && Object.hasOwn(denials, value)
}

function isShort(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 64
}

function textOr(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
