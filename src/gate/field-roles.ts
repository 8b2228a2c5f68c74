import { isRemovedFromRequest } from './removed-fields.ts'

/** What a request field is to the gateway. A field that is in no list below is `other`: it passes untouched. */
export type FieldRole =
  | 'authorization'
  | 'host'
  | 'content-length'
  | 'transfer-encoding'
  | 'connection'
  | 'upgrade'
  | 'expect'
  | 'origin'
  | 'preflight'
  | 'merchant-account'
  | 'traceparent'
  | 'datadog-trace-id'
  | 'datadog-parent-id'
  | 'datadog-sampling-priority'
  | 'datadog-tags'
  | 'cookie'
  | 'credential'
  | 'client-credential'
  | 'sdk-version'
  | 'single'
  | 'other'

/** Fields whose meaning would change if they came twice: one reader takes the first, another the last or both. */
const single = ['api-version', 'idempotency-key', 'content-type', 'content-encoding', 'content-range', 'x-terminal-id']

/** Places besides `Authorization` where clients of Forage or of other APIs put a credential. */
const credential = [
  'proxy-authorization',
  'session-token',
  'x-session-token',
  'x-key',
  'bt-proxy-key',
  'x-api-key',
  'api-key',
  'apikey',
  'x-auth-token',
  'auth-token',
  'access-token',
  'x-access-token',
  'authentication-token',
  'x-authentication-token',
  'x-forage-token',
  'x-authorization',
  'x-forwarded-authorization',
  'x-original-authorization',
  'token',
  'x-token',
]

const clientCredential = ['client-id', 'x-client-id', 'client-secret', 'x-client-secret']

const roles: ReadonlyMap<string, FieldRole> = new Map<string, FieldRole>([
  ['authorization', 'authorization'],
  ['host', 'host'],
  ['content-length', 'content-length'],
  ['transfer-encoding', 'transfer-encoding'],
  ['connection', 'connection'],
  ['upgrade', 'upgrade'],
  ['http2-settings', 'upgrade'],
  ['expect', 'expect'],
  ['origin', 'origin'],
  ['access-control-request-method', 'preflight'],
  ['merchant-account', 'merchant-account'],
  ['traceparent', 'traceparent'],
  ['x-datadog-trace-id', 'datadog-trace-id'],
  ['x-datadog-parent-id', 'datadog-parent-id'],
  ['x-datadog-sampling-priority', 'datadog-sampling-priority'],
  ['x-datadog-tags', 'datadog-tags'],
  ['cookie', 'cookie'],
  ['x-forage-android-sdk-version', 'sdk-version'],
  ['x-forage-ios-sdk-version', 'sdk-version'],
  ...entries(single, 'single'),
  ...entries(credential, 'credential'),
  ...entries(clientCredential, 'client-credential'),
])

const repeatable: readonly FieldRole[] = [
  'authorization',
  'connection',
  'upgrade',
  'cookie',
  'credential',
  'client-credential',
  // Twice is as good as not at all: a request is not refused for them.
  'traceparent',
  'datadog-trace-id',
  'datadog-parent-id',
  'datadog-sampling-priority',
  'datadog-tags',
]

const onceBits: ReadonlyMap<string, number> = new Map(
  [...roles].filter(([, role]) => !repeatable.includes(role)).map(([name], index) => [name, 1 << index]),
)

function entries(names: readonly string[], role: FieldRole): [string, FieldRole][] {
  return names.map(name => [name, role])
}

/** A field name in lower case, and what the field is to us. */
export interface KnownField {
  readonly name: string
  /** As received. The same text each time: what has to look it up again finds it faster than the copy of each request. */
  readonly spelling: string
  readonly role: FieldRole
  /** Whether it stops here. */
  readonly isRemoved: boolean
  /** A bit of its own when the field may come once only; 0 when it may come again. */
  readonly onceBit: number
}

// tchar of RFC 9110 §5.6.2 without "_": a WSGI server such as Forage's turns "-" into "_", so that X_Key is X-Key there.
const fieldName = /^[!#$%&'*+\-.^`|~0-9A-Za-z]+$/

// Spellings seen so far. Bounded, since clients choose them.
const spellings = new Map<string, KnownField>()
const maxSpellings = 2048

/**
 * The lower-case name and the role of a field name as received.
 *
 * @returns undefined when the name is not a token, or holds an underscore
 */
export function knownField(spelling: string): KnownField | undefined {
  const seen = spellings.get(spelling)
  if (seen) return seen
  if (!fieldName.test(spelling)) return undefined
  const name = spelling.toLowerCase()
  const field: KnownField = {
    name,
    spelling,
    role: roles.get(name) ?? 'other',
    isRemoved: isRemovedFromRequest(name),
    onceBit: onceBits.get(name) ?? 0,
  }
  if (spellings.size < maxSpellings && spelling.length <= 64) spellings.set(spelling, field)
  return field
}
