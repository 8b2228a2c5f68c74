/*
 * An authentication token in `Origin` or `Access-Control-Request-Method` went through to the upstream.
 *
 * Fields that mean something to the gateway are read by a reader of their own, and these two readers did not search what
 * they read. Both fields travel on, so that a long-lived token in them left the gateway unnoticed, and reached whatever
 * logs request fields behind it.
 */
import t from 'tap'
import { readCredentials } from '../../src/gate/credentials.ts'
import { readFacts } from '../../src/gate/request-facts.ts'
import { anAuthenticationToken, aToken } from '../fixtures/token.ts'

const bearer = ['Authorization', `Bearer ${aToken()}`]

for (const name of ['Origin', 'Access-Control-Request-Method']) {
  t.test(`an authentication token in ${name} is blocked`, async t => {
    const facts = readFacts([...bearer, name, anAuthenticationToken()])
    t.same(readCredentials(facts, '/'), { reason: 'authentication_token' })
  })
  t.test(`a session token in ${name} is a second credential`, async t => {
    t.same(readCredentials(readFacts([...bearer, name, aToken()]), '/'), { reason: 'credentials_multiple' })
  })
}

t.test('every field that travels on is searched, whatever it means to the gateway', async t => {
  const names = ['Accept', 'Origin', 'Merchant-Account', 'API-Version', 'Idempotency-Key', 'Content-Type', 'Via']
  const more = ['X-Forage-iOS-SDK-Version', 'X-Terminal-Id', 'User-Agent', 'Referer', 'tracestate', 'X-Datadog-Origin']
  for (const name of [...names, ...more]) {
    t.equal(readFacts([name, anAuthenticationToken('prod')]).secondCredential, 'authentication', name)
  }
})
