import t from 'tap'
import type { Allowed, Denied } from '../../src/gate/decision.ts'
import type { Reason } from '../../src/gate/reasons.ts'
import { createAccessLog } from '../../src/observability/access-log.ts'
import { createAccessMembers } from '../../src/observability/access-members.ts'
import { openLogger } from '../../src/observability/logger.ts'
import type { RequestStory } from '../../src/observability/request-story.ts'
import { aSession } from '../fixtures/gate.ts'
import { logFileIn } from '../fixtures/log-file.ts'
import { aStory, issue, letIn, preflight, refusedAs } from '../fixtures/story.ts'

const options = { environment: 'sandbox', hashKey: Buffer.alloc(32) } as const

function told(story: RequestStory, membersOf = createAccessMembers(options)): Record<string, unknown> {
  return JSON.parse(`{${membersOf(story, undefined)}}`)
}

const order = letIn('/api/orders/{ref}/')
const stories: Readonly<Record<string, RequestStory>> = {
  'a request that was let in': aStory(),
  'the same, refused by Forage': aStory({ status: 404 }),
  'one that was only reported': aStory({ decision: { ...order, wouldDeny: 'scope_insufficient' } }),
  'an answer that broke off': aStory({ reason: 'upstream_reset', errorCode: 'ECONNRESET', retries: 1 }),
  'a refusal': aStory({ decision: refusedAs('route_not_allowed'), reason: 'route_not_allowed', status: 403 }),
  'a message that could not be read': aStory({ decision: undefined, reason: 'field_invalid', method: '', status: 400 }),
  'a preflight': aStory({ decision: preflight, status: 204, upstreamMs: undefined }),
  'an issued session token': aStory({ decision: issue, status: 201, useCase: 'checkout', customer: 'c' }),
}

for (const [name, story] of Object.entries(stories)) {
  t.test(`${name} has the same line when it is written the short way as when the logger writes it`, async t => {
    const file = logFileIn(t.testdir())
    const { logger, writeRequest, drain } = openLogger(file.log)
    createAccessLog({ logger, writeRequest, ...options })(story)
    createAccessLog({ logger, ...options })(story)
    await drain()
    const [short, long] = file
      .text()
      .replaceAll(/"time":"[^"]*"/g, '"time":""')
      .split('\n')
    t.equal(short, long)
    t.match(short, /^\{"level":"(?:info|warn)","time":"",.*,"msg":"request"\}$/)
  })
}

t.test('what is remembered of a route is told of no other status, configuration or session', async t => {
  const membersOf = createAccessMembers(options)
  const others: readonly [RequestStory, object][] = [
    [aStory(), { status: 200, config_generation: 3, session: aSession().fingerprint }],
    [aStory({ status: 404 }), { status: 404, config_generation: 3 }],
    [
      aStory({ decision: { ...order, rules: { policy: 'fedcba9876543210', generation: 4 } } }),
      { policy: 'fedcba9876543210', config_generation: 4 },
    ],
    [
      aStory({ decision: { ...order, session: { ...aSession(), fingerprint: 'another', tenant: 7 } } }),
      { session: 'another', tenant: 7 },
    ],
    [aStory({ decision: letIn('/api/payments/{ref}/') }), { route: '/api/payments/{ref}/', scope: 'payments' }],
    [aStory(), { status: 200, policy: 'abcdef0123456789', config_generation: 3, route: '/api/orders/{ref}/' }],
  ]
  for (const [story, expected] of others) t.match(told(story, membersOf), expected)
})

t.test(
  'what is remembered of a refusal is told of no other reason, status, route, configuration or session',
  async t => {
    const membersOf = createAccessMembers(options)
    const refused = (reason: Reason, status: number, changes: Partial<Denied> = {}): RequestStory =>
      aStory({ decision: { ...refusedAs(reason), route: order.route, ...changes }, reason, status })
    const others: readonly [RequestStory, object][] = [
      [refused('token_expired', 401), { status: 401, reason: 'token_expired', route: '/api/orders/{ref}/' }],
      [refused('signature_invalid', 401), { status: 401, reason: 'signature_invalid' }],
      [refused('token_expired', 403), { status: 403, reason: 'token_expired' }],
      [
        refused('token_expired', 401, { route: letIn('/api/payments/{ref}/').route }),
        { route: '/api/payments/{ref}/' },
      ],
      [
        refused('token_expired', 401, { rules: { policy: 'fedcba9876543210', generation: 4 } }),
        { policy: 'fedcba9876543210', config_generation: 4 },
      ],
      [refused('scope_insufficient', 403, { session: aSession() }), { session: aSession().fingerprint }],
      [refused('scope_insufficient', 403), { session: undefined, decision: 'deny' }],
      [aStory(), { status: 200, decision: 'allow', reason: undefined }],
    ]
    for (const [story, expected] of others) t.match(told(story, membersOf), expected)
  },
)

t.test('a use case of the request itself is told, and not kept for the next request of the session', async t => {
  const membersOf = createAccessMembers(options)
  const recorded: Allowed = { ...order, session: { ...aSession(), provenance: aRecord('checkout') } }
  t.equal(told(aStory({ decision: recorded }), membersOf).use_case, 'checkout')
  t.equal(told(aStory({ decision: recorded, useCase: 'balance' }), membersOf).use_case, 'balance')
  t.equal(told(aStory({ decision: recorded }), membersOf).use_case, 'checkout')
})

for (const text of ['a"b', 'a\\b', 'a\nb', 'a\u0000b', 'a\ud800b', 'ü', '2001:db8::1', '']) {
  t.test(`a client's address of ${JSON.stringify(text)} is one value of a line that can be read`, async t => {
    t.equal(told(aStory({ clientAddress: text })).client_address, text)
  })
  t.test(`and so is a method of ${JSON.stringify(text)}`, async t => {
    t.equal(told(aStory({ decision: undefined, method: text })).method, text)
  })
}

function aRecord(useCase: string): NonNullable<ReturnType<typeof aSession>['provenance']> {
  return { recordedAt: 0, useCase, scopes: undefined, merchantAccount: undefined, parent: undefined }
}
