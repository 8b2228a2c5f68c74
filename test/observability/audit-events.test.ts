import t from 'tap'
import type { Denied } from '../../src/gate/decision.ts'
import { RequestFacts } from '../../src/gate/request-facts.ts'
import type { IssuingEvent } from '../../src/issuing/issuing-event.ts'
import type { AuditEvent } from '../../src/observability/audit-event.ts'
import { maxLineOctets } from '../../src/observability/audit-line.ts'
import { auditOfIssuing, auditOfLeak } from '../../src/observability/audit-of-issuing.ts'
import { createStoryAudit } from '../../src/observability/audit-of-story.ts'
import { aSession } from '../fixtures/gate.ts'
import { aStory, issue, letIn, preflight, refusedAs } from '../fixtures/story.ts'
import { eight, fileIn, linesOf, openTrail, readLine } from './a-trail.ts'

const auditOfStory = createStoryAudit({ hashKey: Buffer.alloc(32), now: () => eight })

t.test('what was forwarded is no matter of the audit, whatever Forage made of it', async t => {
  t.equal(auditOfStory(aStory()), undefined)
  t.equal(auditOfStory(aStory({ reason: 'upstream_timeout', status: 504 })), undefined)
  t.equal(auditOfStory(aStory({ decision: preflight, status: 204 })), undefined)
})

t.test('a refusal is told with what is known of the request, and nothing that the client wrote', async t => {
  const facts = Object.assign(new RequestFacts(), {
    merchantAccount: '1234567',
    sdkVersion: '4111111111111111',
    authorization: 'Bearer sandbox_canary',
  })
  const route = letIn('/api/orders/{ref}/').route
  const provenance = { recordedAt: 0, useCase: 'balance', scopes: undefined, merchantAccount: 'm', parent: 'p' }
  const session = aSession({ provenance: { ...provenance, customer: 'a-digest' } })
  const decision = { ...refusedAs('scope_insufficient'), facts, route, session } as never
  const event = auditOfStory(aStory({ decision, reason: 'scope_insufficient', status: 403, method: 'PÖST' }))
  t.same(event, {
    event: 'denied',
    time: eight,
    policy: 'abcdef0123456789',
    configGeneration: 3,
    requestId: 'r1',
    traceId: '0af7651916cd43dd8448eb211c80319c',
    method: 'other',
    route: '/api/orders/{ref}/',
    status: 403,
    reason: 'scope_insufficient',
    scope: 'orders',
    session: 'a-fingerprint',
    useCase: 'balance',
    customer: 'a-digest',
    // HMAC-SHA-256 under 32 octets of zero, as openssl computes it.
    merchantAccount: 'vzTg4Ump9FUYQuZh',
    clientAddress: '192.0.2.1',
    sdkVersion: undefined,
  })
})

t.test('a refusal that is reported and left out is told as such, whatever Forage made of the request', async t => {
  const decision = { ...letIn('/api/payments/'), wouldDeny: 'scope_insufficient' } as const
  const expected = { event: 'would_deny', reason: 'scope_insufficient', route: '/api/payments/', scope: 'payments' }
  t.match(auditOfStory(aStory({ decision })), { ...expected, status: 200 })
  t.match(auditOfStory(aStory({ decision, reason: 'upstream_timeout', status: 504 })), { ...expected, status: 504 })
  t.match(auditOfStory(aStory({ decision, reason: 'body_too_large', status: 413 })), {
    event: 'denied',
    reason: 'body_too_large',
  })
})

t.test('a request that was refused for its form has no decision, and is told', async t => {
  t.match(auditOfStory(aStory({ decision: undefined, reason: 'field_invalid', status: 400 })), {
    event: 'denied',
    reason: 'field_invalid',
    route: undefined,
  })
  t.match(auditOfStory(aStory({ decision: undefined, status: 400 })), { event: 'denied', reason: 'field_invalid' })
})

t.test('a refusal where session tokens are issued has that route', async t => {
  const decision = { ...(refusedAs('credentials_missing') as Denied), isForIssuing: true } as const
  t.match(auditOfStory(aStory({ decision, reason: 'credentials_missing', status: 401 })), {
    event: 'denied',
    route: '/session_token',
  })
})

t.test('a body that is refused while it is forwarded is a refusal', async t => {
  t.match(auditOfStory(aStory({ reason: 'body_too_large', status: 413 })), {
    event: 'denied',
    route: '/api/orders/{ref}/',
    session: 'a-fingerprint',
  })
})

t.test('an authentication token in a request is an event of its own', async t => {
  const story = aStory({ decision: refusedAs('authentication_token'), reason: 'authentication_token', status: 403 })
  t.match(auditOfStory(story), { event: 'authentication_token_blocked', reason: 'authentication_token' })
})

t.test('a session token that was handed out is told, one that was not is a refusal', async t => {
  const asked = { decision: issue, useCase: 'checkout', customer: 'a-digest' }
  t.match(auditOfStory(aStory(asked)), {
    event: 'session_issued',
    route: '/session_token',
    useCase: 'checkout',
    customer: 'a-digest',
    status: 200,
  })
  t.match(auditOfStory(aStory({ ...asked, status: 401, reason: 'caller_not_accepted' })), {
    event: 'denied',
    route: '/session_token',
  })
  t.equal(auditOfStory(aStory({ ...asked, status: 499 })), undefined)
})

const ofToken = { useCase: 'checkout', fingerprint: 'f1' }
const fault = { fault: 'timeout', mayHaveTakenEffect: true, code: 'ETIMEDOUT' } as const

for (const [event, written] of [
  [
    { kind: 'token_obtained', ...ofToken, expiresAt: eight },
    { authenticationToken: 'f1', expiresAt: '2027-01-15T08:00:00.000Z' },
  ],
  [
    { kind: 'token_retired', ...ofToken, cause: 'told' },
    { authenticationToken: 'f1', cause: 'told' },
  ],
  [
    { kind: 'token_not_obtained', useCase: 'checkout', fault, retryInSec: 1.2, hasWorkingToken: false },
    { fault: 'timeout', retryInSec: 2, hasWorkingToken: false },
  ],
  [{ kind: 'session_token_unfit', useCase: 'checkout', reason: 'token_expired' }, { reason: 'token_expired' }],
] as const satisfies readonly (readonly [IssuingEvent, object])[]) {
  t.test(`${event.kind} is told`, async t => {
    t.same(auditOfIssuing(event, eight), { event: event.kind, time: eight, useCase: 'checkout', ...written })
  })
}

t.test('a leak is told by what stands for the credential, not by what it is retired by', async t => {
  const leak = { kind: 'authentication_token', fingerprint: 'f1', useCase: 'checkout', digest: 'canary' } as const
  const request = { requestId: 'r1', clientAddress: '192.0.2.1', sdkVersion: '4.5.1', texts: ['canary'] }
  t.same(auditOfLeak(leak, request, eight), {
    event: 'authentication_token_leaked',
    time: eight,
    credential: 'authentication_token',
    fingerprint: 'f1',
    useCase: 'checkout',
    requestId: 'r1',
    clientAddress: '192.0.2.1',
    sdkVersion: '4.5.1',
  })
})

/** The members of a line that are the event's own, in their order. */
function writtenOf(event: AuditEvent, path: string): Record<string, unknown> {
  const ofLine = ['seq', 'time', 'event', 'policy', 'config_generation', 'chain', 'algorithm', 'previous', 'hash']
  const line = readLine(linesOf(path).at(-1))
  t.equal(line.event, event.event)
  return Object.fromEntries(Object.entries(line).filter(([name]) => !ofLine.includes(name)))
}

const time = eight
const useCases = ['checkout', 'balance']
for (const [event, expected] of [
  [
    {
      event: 'admin_call',
      time,
      method: 'POST',
      route: '/tokens',
      status: 401,
      refusal: 'unauthorized',
      peerAddress: '::1',
    },
    { method: 'POST', route: '/tokens', status: 401, refusal: 'unauthorized', peer_address: '::1' },
  ],
  [
    { event: 'sessions_revoked', time, kind: 'useCase', useCases },
    { kind: 'useCase', use_cases: useCases },
  ],
  [
    { event: 'sessions_revoked', time, kind: 'all', useCases: [], shared: false },
    { kind: 'all', use_cases: [], shared: false },
  ],
  [
    { event: 'configuration_refused', time, generation: 3, result: 'failure', problems: 2, digest: undefined },
    { generation: 3, result: 'failure', problems: 2 },
  ],
  [{ event: 'stopped', time, secret: 'canary', token: 'canary' } as AuditEvent, {}],
  [
    {
      event: 'denied',
      time,
      requestId: 'r1',
      path: '/canary',
      query: 'canary',
      status: Number.NaN,
      reason: {},
    } as never,
    { request_id: 'r1' },
  ],
] as const satisfies readonly (readonly [AuditEvent, object])[]) {
  t.test(`of ${event.event} these members are written, and no others: ${Object.keys(expected)}`, async t => {
    const path = fileIn(t)
    openTrail(t, path).record(structuredClone(event))
    t.same(writtenOf(event, path), expected)
    t.notMatch(linesOf(path).join(), 'canary')
  })
}

t.test('texts of 256 characters are written whole, longer ones are cut, and so are lists of more than 32', async t => {
  const path = fileIn(t)
  const revoked = { event: 'sessions_revoked', time } as const
  openTrail(t, path).record({ ...revoked, kind: 'k'.repeat(256), useCases: Array(33).fill('u'.repeat(257)) })
  const { kind, use_cases: texts } = readLine(linesOf(path)[0])
  t.equal(kind, 'k'.repeat(256))
  t.same(texts, Array(32).fill(`${'u'.repeat(256)}…`))
})

t.test('the longest line there can be is one that verifiers read', async t => {
  const path = fileIn(t)
  const worst = '\u0001'.repeat(300)
  const event = { event: 'sessions_revoked', time, kind: worst, useCases: Array(100).fill(worst) } as const
  openTrail(t, path).record(event)
  t.ok(Buffer.byteLength(linesOf(path)[0] ?? '') < maxLineOctets)
})
