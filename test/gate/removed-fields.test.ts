import t from 'tap'
import { hopByHopFields, isProtected, isRemovedFromRequest } from '../../src/gate/removed-fields.ts'

const removed = [
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer'],
  ...['transfer-encoding', 'upgrade', 'expect', 'http2-settings', 'forwarded', 'x-forwarded', 'x-forwarded-for'],
  ...['x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-new-invention', 'x-real-ip', 'x-client-ip'],
  ...['true-client-ip', 'cf-connecting-ip', 'x-original-url', 'x-original-anything', 'x-rewrite-url', 'x-rewrite-any'],
  ...['x-http-method', 'x-http-method-override', 'x-method-override', 'cookie', 'host', 'x-request-id', 'traceparent'],
]
for (const name of removed) {
  t.test(`${name} of a client stops here`, async t => t.equal(isRemovedFromRequest(name), true))
}

const kept = [
  ...['authorization', 'merchant-account', 'api-version', 'idempotency-key', 'content-length', 'content-type'],
  ...[
    'x-datadog-trace-id',
    'x-key',
    'x-forage-ios-sdk-version',
    'origin',
    'tracestate',
    'x-original',
    'cookie2',
    'via',
  ],
]
for (const name of kept) {
  t.test(`${name} travels on`, async t => t.equal(isRemovedFromRequest(name), false))
}

t.test('every hop-by-hop field of RFC 9110 §7.6.1 is one', async t => {
  for (const name of ['connection', 'proxy-connection', 'keep-alive', 'te', 'transfer-encoding', 'upgrade']) {
    t.ok(hopByHopFields.includes(name), name)
  }
})

const isGuarded: readonly (readonly [name: string, isGuarded: boolean])[] = [
  ['authorization', true],
  ['content-length', true],
  ['merchant-account', true],
  ['idempotency-key', true],
  ['host', true],
  ['x-request-id', true],
  ['traceparent', true],
  ['x-real-ip', true],
  ['x-forwarded-for', true],
  ['x-forwarded-of-no-list', true],
  ['x-note', false],
  ['te', false],
  ['keep-alive', false],
]
for (const [name, expected] of isGuarded) {
  t.test(`Connection ${expected ? 'may not' : 'may'} nominate ${name}`, async t => t.equal(isProtected(name), expected))
}
