import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { listeningLine } from '../../src/cli/start.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { askAdmin } from '../fixtures/admin-client.ts'
import { startGateway } from '../fixtures/gateway.ts'
import { at, send } from '../fixtures/http-client.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { scrape } from '../fixtures/scrape.ts'
import { anAuthenticationToken, aToken, testSecret } from '../fixtures/token.ts'

const exp = Math.floor(Date.now() / 1000) + 600
/** Its claim narrows it to payments. */
const narrow = aToken({ claims: { a: 1, exp, scope: 'payments' } })
const order = '/api/orders/9kx72hbd31/'

const policy = `scopes:
  orders: ["GET /api/orders/{ref}/", "GET /api/orders/{ref}/payments/"]
  payments: ["GET /api/payments/"]
grants: { default: [orders, payments], claim: scope }
`

async function startReporting(t: Test, written: string) {
  const recorder = await startRecorder(t)
  const text = (how: string): string => `environment: sandbox
listen: { host: 127.0.0.1, port: 0 }
admin: { port: 0 }
upstream: { api: "${recorder.url}" }
session: { verify: signature, jwt: { secret: { file: secret } } }
policy: { ${how} }
merchantAccounts: ["123ab45c67"]
limits: { perSession: null, perAddress: null, denialsPerAddress: null }
log: { destination: access.log, sampleSuccesses: 0 }
audit: { destination: audit.log }
`
  const folder = t.testdir({ 'gateway.yaml': text(written), 'policy.yaml': policy, secret: testSecret.toString() })
  const config = loadConfig(join(folder, 'gateway.yaml'))
  const gateway = await startGateway(t, config)
  const read = async (path: string, token = narrow, fields: Readonly<Record<string, string>> = {}) => {
    const { status, text } = await send({
      ...at(gateway.url),
      path,
      headers: { Authorization: `Bearer ${token}`, ...fields },
    })
    return status === 200 ? '200' : `${status} ${JSON.parse(text).errors[0].code}`
  }
  const linesOf = (name: string) =>
    readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line))
  return {
    config,
    gateway,
    recorder,
    read,
    linesOf,
    write: (how: string) => writeFileSync(config.source?.file ?? '', text(how)),
  }
}

t.test('in report mode a denial of scope is forwarded, logged, counted and audited', async t => {
  const { config, gateway, recorder, read, linesOf } = await startReporting(t, 'mode: report')
  t.equal(await read(`${order}?page=2`), '200')
  t.match(recorder.requests, [{ method: 'GET', target: `${order}?page=2` }])
  t.equal(await read('/api/payments/'), '200')

  const { value } = await scrape(gateway.adminUrl)
  t.equal(value('forage_gateway_would_deny_total', { reason: 'scope_insufficient' }), 1)
  t.equal(value('forage_gateway_denials_total', { reason: 'scope_insufficient' }), 0)
  const { policy } = JSON.parse((await askAdmin(gateway.adminUrl, '/status')).text)
  t.match(policy, { mode: 'report', reported: { scopes: [], routes: [] } })
  t.match(
    listeningLine(gateway, config),
    /; report mode: a session without the scope is let through .* on every route\)\n$/,
  )

  await gateway.stop()
  const lines = linesOf('access.log')
  t.match(lines[0], { level: 'warn', event: 'policy_reported', mode: 'report' })
  const requests = lines.filter(({ msg }) => msg === 'request')
  t.equal(requests.length, 1, 'the one that went well is sampled away, the reported one never')
  t.match(requests, [{ decision: 'allow', would_deny: 'scope_insufficient', scope: 'orders', status: 200 }])
  t.match(
    linesOf('audit.log').filter(({ request_id }) => request_id),
    [{ event: 'would_deny', reason: 'scope_insufficient', scope: 'orders', route: '/api/orders/{ref}/' }],
  )
})

t.test('in report mode everything but scopes is refused as ever', async t => {
  const { recorder, read } = await startReporting(t, 'mode: report')
  for (const [path, token, fields, expected] of [
    ['/api/sessions/', narrow, {}, '403 forbidden'],
    ['/api/orders/..%2fsessions/', narrow, {}, '400 invalid_request'],
    [order, anAuthenticationToken(), {}, '403 authentication_token_not_allowed'],
    [order, narrow, { 'X-Session-Token': narrow }, '400 invalid_request'],
    [order, aToken({ claims: { a: 1, exp: exp - 1200, scope: 'payments' } }), {}, '401 expired_session_token'],
    [order, aToken({ claims: { a: 1, exp, scope: 'payments' }, secret: Buffer.alloc(32) }), {}, '401 invalid_token'],
    [order, aToken({ prefix: 'prod_' }), {}, '401 invalid_token'],
    [order, narrow, { 'Merchant-Account': '999zz99z99' }, '403 forbidden'],
  ] as const) {
    t.equal(await read(path, token, fields), expected, `${path} ${expected}`)
  }
  t.same(recorder.requests, [])
})

t.test('a route is reported alone, and a reload enforces it', async t => {
  const { gateway, read, write } = await startReporting(t, 'report: { routes: ["GET /api/orders/{ref}/"] }')
  const payments = `${order}payments/`
  t.same([await read(order), await read(payments)], ['200', '403 insufficient_scope'])
  const status = async () => JSON.parse((await askAdmin(gateway.adminUrl, '/status')).text).policy
  const before = await status()
  t.match(before, { mode: 'enforce', reported: { scopes: [], routes: ['GET /api/orders/{ref}/'] } })
  write('report: { scopes: [orders] }')
  t.equal(await gateway.reload(), 'success')
  t.same([await read(order), await read(payments)], ['200', '200'])
  write('report: { scopes: [order] }')
  t.equal(await gateway.reload(), 'failure')
  t.same([await read(order), await read(payments)], ['200', '200'], 'a name that is not known changes nothing')
  write('mode: enforce')
  t.equal(await gateway.reload(), 'success')
  t.same([await read(order), await read(payments)], ['403 insufficient_scope', '403 insufficient_scope'])
  const after = await status()
  t.match(after, { mode: 'enforce', reported: { scopes: [], routes: [] } })
  t.not(after.digest, before.digest, 'no log takes the one for the other')
})
