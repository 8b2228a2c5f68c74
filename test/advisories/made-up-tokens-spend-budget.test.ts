/*
 * Weakness: where Forage alone tells real tokens from made-up ones (`verify: upstream`), an address could send any number of
 * made-up tokens. Each was remembered, but the next one is another one: each cost a request of Forage's limit, which the
 * merchant's customers share. Refusals of the gateway's own count per address; those of Forage did not. Met before it was
 * released.
 */
import t, { type Test } from 'tap'
import type { Config } from '../../src/config/config.ts'
import { aConfig, aSessionConfig } from '../fixtures/config.ts'
import { startGateway } from '../fixtures/gateway.ts'
import { aLiveToken } from '../fixtures/live-token.ts'
import { exchangeRaw } from '../fixtures/raw-connection.ts'
import { startRecorder } from '../fixtures/recorder.ts'

const refusal = JSON.stringify({
  path: '/api/orders/abc/',
  errors: [{ code: 'invalid_token', message: '', source: { resource: 'Session_Token', ref: '' } }],
})

async function startRefused(t: Test, verify: Config['session']['verify']) {
  const recorder = await startRecorder(t, (_request, response) => {
    response.writeHead(401, { 'Content-Type': 'application/json' }).end(refusal)
  })
  const config = aConfig(recorder.url, { session: aSessionConfig({ verify }) })
  const limits = { ...config.limits, denialsPerAddress: { requests: 3, windowSec: 60 } }
  const gateway = await startGateway(t, { ...config, limits })
  const statusOf = async (index: number) => {
    const token = aLiveToken({ jti: `made up ${index}` })
    const head = `GET /api/orders/abc/ HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n\r\n`
    return (await exchangeRaw(t, gateway.url, head)).status
  }
  return { recorder, statusOf }
}

t.test('after three made-up tokens that Forage refused, an address is not heard, and Forage not asked', async t => {
  const { recorder, statusOf } = await startRefused(t, 'upstream')
  t.same([await statusOf(1), await statusOf(2), await statusOf(3)], [401, 401, 401])
  t.same([await statusOf(4), await statusOf(5)], [429, 429])
  t.equal(recorder.requests.length, 3)
})

t.test('tokens that were proved here and that Forage refuses, as ended ones, are no guesses', async t => {
  const { recorder, statusOf } = await startRefused(t, 'signature')
  for (let index = 1; index <= 5; index++) t.equal(await statusOf(index), 401)
  t.equal(recorder.requests.length, 5)
})
