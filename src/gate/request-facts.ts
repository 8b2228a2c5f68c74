import type { TokenKind } from '../forage/token-shapes.ts'
import type { DatadogFields } from './datadog-trace.ts'
import { type FieldRole, type KnownField, knownField } from './field-roles.ts'
import { isProtected } from './removed-fields.ts'
import { inAuthorization, inCookies, inCredentialField, inOtherField } from './second-credentials.ts'

/**
 * What the field lines of a request say, read once. The decision and the log rest on this and never look at the lines
 * again.
 */
export class RequestFacts {
  /** The `Authorization` line, and how many there were. Node's `headers` would hide the second. */
  authorization: string | undefined
  authorizationLines = 0
  /** What was found where no session token belongs: an authentication token anywhere, a session token elsewhere. */
  secondCredential: TokenKind | undefined
  host: string | undefined
  contentLength: number | undefined
  hasTransferEncoding = false
  asksForUpgrade = false
  expectsContinue = false
  origin: string | undefined
  preflightMethod: string | undefined
  merchantAccount: string | undefined
  /** `''` when it came twice. */
  traceparent: string | undefined
  /** Undefined when none of them came. */
  datadog: DatadogFields | undefined
  /** Version of the Forage SDK that the client says it is, such as `4.5.1`. */
  sdkVersion: string | undefined
  /** Lower-case names of the fields of this request that stop here. */
  readonly removed: string[] = []
  /** Set once a line is not valid; the request is then refused whatever else it says. */
  isInvalid = false
  /** Octets of all field lines as they were sent, line ends included. */
  octets = 0
  lines = 0
  /** Bits of the once-only fields met so far. */
  seenOnce = 0
}

// Everything that undici, Node and the upstream agree on as a field value (RFC 9110 §5.5): what undici refuses must never
// reach it, since a refused dispatch costs it a connection for ever.
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/
const hostValue = /^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/

/** Reads the field lines (name, value, name, value …) of a request. */
export function readFacts(fields: readonly string[]): RequestFacts {
  const facts = new RequestFacts()
  for (let index = 0; index < fields.length; index += 2) {
    const spelling = fields[index] as string
    const value = fields[index + 1] as string
    facts.octets += spelling.length + value.length + 4
    facts.lines++
    const field = knownField(spelling)
    if (field && fieldValue.test(value)) readField(facts, field, value)
    else facts.isInvalid = true
  }
  if (facts.contentLength !== undefined && facts.hasTransferEncoding) facts.isInvalid = true
  return facts
}

function readField(facts: RequestFacts, { name, role, isRemoved, onceBit }: KnownField, value: string): void {
  if (isRemoved) remove(facts, name)
  // Two readers would take different ones of two lines.
  if ((facts.seenOnce & onceBit) !== 0) facts.isInvalid = true
  facts.seenOnce |= onceBit
  const read = readers[role]
  if (read) read(facts, value)
  else noteSecond(facts, inOtherField(value))
}

/** What each role is read into. A role without an entry is searched for a token and otherwise left alone. */
const readers: Readonly<Partial<Record<FieldRole, (facts: RequestFacts, value: string) => void>>> = {
  authorization(facts, value) {
    facts.authorizationLines++
    facts.authorization ??= value
    noteSecond(facts, inAuthorization(value))
  },
  credential(facts, value) {
    noteSecond(facts, inCredentialField(value))
  },
  'client-credential'(facts, value) {
    if (value !== '') noteSecond(facts, 'authentication')
  },
  cookie(facts, value) {
    noteSecond(facts, inCookies(value))
  },
  host(facts, value) {
    facts.host = value
    if (!hostValue.test(value)) facts.isInvalid = true
  },
  'content-length'(facts, value) {
    facts.contentLength = Number(value)
    if (!/^[0-9]{1,15}$/.test(value)) facts.isInvalid = true
  },
  'transfer-encoding'(facts, value) {
    facts.hasTransferEncoding = true
    if (value.toLowerCase() !== 'chunked') facts.isInvalid = true
  },
  expect(facts, value) {
    facts.expectsContinue = true
    if (value.toLowerCase() !== '100-continue') facts.isInvalid = true
  },
  upgrade(facts) {
    facts.asksForUpgrade = true
  },
  connection: readConnection,
  origin(facts, value) {
    facts.origin = value
    noteSecond(facts, inOtherField(value))
  },
  preflight(facts, value) {
    facts.preflightMethod = value
    noteSecond(facts, inOtherField(value))
  },
  'merchant-account'(facts, value) {
    facts.merchantAccount = value
    noteSecond(facts, inOtherField(value))
  },
  traceparent(facts, value) {
    facts.traceparent = facts.traceparent === undefined ? value : ''
  },
  'datadog-trace-id': (facts, value) => readDatadog(facts, 'traceId', value),
  'datadog-parent-id': (facts, value) => readDatadog(facts, 'parentId', value),
  'datadog-sampling-priority': (facts, value) => readDatadog(facts, 'samplingPriority', value),
  'datadog-tags': (facts, value) => readDatadog(facts, 'tags', value),
  'sdk-version'(facts, value) {
    facts.sdkVersion = value
    noteSecond(facts, inOtherField(value))
  },
}

/** These travel on as they are, whatever is made of them here: they may hide a token like any other field. */
function readDatadog(facts: RequestFacts, name: keyof DatadogFields, value: string): void {
  facts.datadog ??= {}
  facts.datadog[name] = facts.datadog[name] === undefined ? value : ''
  noteSecond(facts, inOtherField(value))
}

/** Fields that `Connection` nominates stop here (RFC 9110 §7.6.1), but a client must not strip what counts. */
function readConnection(facts: RequestFacts, value: string): void {
  for (const option of value.toLowerCase().split(',')) {
    const name = option.trim()
    if (name === 'upgrade') facts.asksForUpgrade = true
    if (name === 'close' || name === 'keep-alive' || name === '') continue
    if (!knownField(name) || isProtected(name)) facts.isInvalid = true
    remove(facts, name)
  }
}

function remove(facts: RequestFacts, name: string): void {
  if (!facts.removed.includes(name)) facts.removed.push(name)
}

/** An authentication token outweighs whatever else was found. */
function noteSecond(facts: RequestFacts, found: TokenKind | undefined): void {
  if (found === 'authentication' || facts.secondCredential === undefined)
    facts.secondCredential = found ?? facts.secondCredential
}
