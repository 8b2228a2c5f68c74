import type { AuditEvent, AuditEventName } from './audit-event.ts'

const ofRequest = [
  'requestId',
  'traceId',
  'method',
  'route',
  'status',
  'reason',
  'scope',
  'session',
  'useCase',
  'customer',
  'merchantAccount',
  'clientAddress',
  'sdkVersion',
]
const ofIssuing = [
  'useCase',
  'authenticationToken',
  'cause',
  'reason',
  'fault',
  'retryInSec',
  'hasWorkingToken',
  'expiresAt',
]
const ofConfiguration = ['digest', 'generation', 'result', 'problems']

/** The members of each event that are written, in their order. Whatever else an object holds stays out of the trail. */
const members: Readonly<Record<AuditEventName, readonly string[]>> = {
  denied: ofRequest,
  authentication_token_blocked: ofRequest,
  would_deny: ofRequest,
  session_issued: ofRequest,
  authentication_token_leaked: ['credential', 'fingerprint', 'useCase', 'requestId', 'clientAddress', 'sdkVersion'],
  tokens_registered: ['count', 'useCases'],
  sessions_revoked: ['kind', 'useCases', 'shared'],
  token_obtained: ofIssuing,
  token_replaced: ofIssuing,
  token_retired: ofIssuing,
  token_revoked: ofIssuing,
  token_not_revoked: ofIssuing,
  token_left_behind: ofIssuing,
  token_not_obtained: ofIssuing,
  session_not_issued: ofIssuing,
  session_token_unfit: ofIssuing,
  revocation_not_remembered: ofIssuing,
  admin_call: ['method', 'route', 'status', 'refusal', 'peerAddress'],
  configuration_loaded: ofConfiguration,
  configuration_refused: ofConfiguration,
  started: ['version', 'environment', 'verify'],
  stopped: [],
  audit_reopened: [],
  audit_line_cut: ['octets', 'digest'],
  audit_lines_lost: ['lost', 'total', 'numbered'],
}

/** Longest text, and most texts of a list: so a line stays far below what a reader takes (`maxLineOctets`). */
const maxTextLength = 256
const maxTexts = 32

/** Names as they stand in lines, worked out once. */
const snakeCases: ReadonlyMap<string, string> = new Map(
  Object.values(members)
    .flat()
    .map(name => [name, name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)]),
)

/** The members of an event as they stand in its line: known ones only, bounded, named as in the access log. */
export function membersOf(event: AuditEvent): Record<string, unknown> {
  const values = event as unknown as Readonly<Record<string, unknown>>
  const written: Record<string, unknown> = {}
  for (const name of members[event.event]) {
    const value = bounded(values[name])
    if (value !== undefined) written[snakeCases.get(name) ?? name] = value
  }
  return written
}

/** Undefined for what is no value of a line. */
function bounded(value: unknown): unknown {
  if (typeof value === 'string') return cut(value)
  if (typeof value === 'boolean' || Number.isFinite(value)) return value
  if (!Array.isArray(value)) return undefined
  return value.slice(0, maxTexts).map(item => cut(String(item)))
}

function cut(text: string): string {
  return text.length > maxTextLength ? `${text.slice(0, maxTextLength)}…` : text
}
