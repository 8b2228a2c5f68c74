import { readFileSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Config } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { packageFile } from '../../src/config/package-files.ts'
import { createKeeper } from '../../src/gateway/keeper.ts'
import type { VerifyMode } from '../../src/session/verify-mode.ts'
import { adminToken, askAdmin, refusalOf } from '../fixtures/admin-client.ts'
import { aConfig, aSessionConfig } from '../fixtures/config.ts'
import { startGateway } from '../fixtures/gateway.ts'
import { at, send } from '../fixtures/http-client.ts'
import { startIssuingGateway } from '../fixtures/issuing-gateway.ts'
import { logFileIn } from '../fixtures/log-file.ts'
import { listenOnLoopback, startRecorder } from '../fixtures/recorder.ts'
import { scrape } from '../fixtures/scrape.ts'
import { anAuthenticationToken, aToken, testSecret } from '../fixtures/token.ts'
import { type VerdictCase, verdictCases, verdictConfig } from '../fixtures/verdict-cases.ts'

const now = Math.floor(Date.now() / 1000)
const order = { method: 'GET', target: '/api/orders/9kx72hbd31/' }
const live = (a: number) => aToken({ claims: { a, exp: now + 600 } })

async function startBench(t: Test, verify: VerifyMode, overrides: Partial<Config> = {}) {
  const recorder = await startRecorder(t)
  const admin = { host: '127.0.0.1', port: 0, token: Buffer.from(adminToken) }
  const session = aSessionConfig({ verify })
  const gateway = await startGateway(t, aConfig(recorder.url, { admin, session, ...overrides }))
  const ask = (path: string, body: unknown) => askAdmin(gateway.adminUrl, path, { body })
  const explain = async (body: unknown) => {
    const { status, text } = await ask('/explain', body)
    return { answered: status, ...JSON.parse(text) }
  }
  return { recorder, gateway, ask, explain }
}

t.test('a running gateway explains the table of verdicts as it would decide', async t => {
  const { explain, gateway } = await startBench(t, 'signature', { ...verdictConfig })
  const before = gateway.counters()
  // Whoever asks need not write a Host, so that it cannot be missing.
  const hasHost = ({ fields }: VerdictCase) => fields.some(([name]) => name.toLowerCase() === 'host')
  const all = verdictCases(now).filter(row => !row.wireless && hasHost(row))
  // The way to the gate is one: a row of each reason, and of each route, shows that it is taken.
  const rows = [...new Map(all.map(row => [`${row.reason} ${row.reason ? '' : row.route}`, row])).values()]
  t.ok(rows.length > 30, `${rows.length} rows`)
  for (const { name, method, target, fields, outcome, reason = null } of rows) {
    t.match(await explain({ method, target, fields }), { answered: 200, verdict: outcome, reason }, name)
  }
  t.same(gateway.counters(), before, 'none of them was a request')
})

t.test('what the gateway knows of a token now decides: unknown, on record, narrowed, revoked', async t => {
  const { ask, explain, recorder } = await startBench(t, 'ledger')
  const token = live(1)
  const asked = { ...order, token }
  t.match(await explain(asked), { verdict: 'deny', reason: 'token_unknown' })
  await ask('/tokens', { token, scopes: ['payments'], useCase: 'checkout' })
  t.match(await explain(asked), {
    reason: 'scope_insufficient',
    session: { scopes: ['payments'], useCase: 'checkout', grant: 'default', narrowedBy: ['record'] },
    remedies: ['register a new token with orders among its scopes, or without scopes'],
    notJudged: [],
  })
  const another = { ...order, token: live(2) }
  await ask('/tokens', { token: another.token })
  const notJudged = ['how much of its limits the client has used']
  t.match(await explain(another), { verdict: 'allow', route: 'GET /api/orders/{ref}/', remedies: [], notJudged })
  await ask('/revocations', { token })
  t.match(await explain(asked), { verdict: 'deny', reason: 'token_revoked' })
  t.same(recorder.requests, [], 'nothing was sent to Forage')
})

t.test('explaining counts against no limit, and is in no log and no metric of requests', async t => {
  const folder = t.testdir()
  const file = logFileIn(folder)
  const one = { requests: 1, windowSec: 60 }
  const { gateway, explain } = await startBench(t, 'signature', {
    log: file.log,
    audit: { destination: join(folder, 'audit.log') },
    limits: { ...aConfig('').limits, perSession: one, perAddress: one, denialsPerAddress: one },
  })
  const token = live(1)
  const address = { clientAddress: '127.0.0.1' }
  for (let round = 0; round < 3; round++) {
    t.match(await explain({ ...order, token, ...address }), { verdict: 'allow' })
    t.match(await explain({ ...order, ...address }), { reason: 'credentials_missing' })
  }
  const { value } = await scrape(gateway.adminUrl)
  t.equal(value('forage_gateway_denials_total', { reason: 'credentials_missing' }), 0)
  const { status } = await send({
    ...at(gateway.url),
    path: order.target,
    headers: { Authorization: `Bearer ${token}` },
  })
  t.equal(status, 200, 'its one request is still there')
  await gateway.stop()
  t.equal(file.lines().filter(({ msg }) => msg === 'request').length, 1)
  const calls = readFileSync(join(folder, 'audit.log'), 'utf8').match(/"event":"admin_call"[^\n]*"route":"\/explain"/g)
  t.equal(calls?.length, 6, 'each call is in the audit trail')
  t.notMatch(readFileSync(join(folder, 'audit.log'), 'utf8') + file.text(), token.slice(-20))
})

t.test('every part of a request can be written, and a list and an object of fields are alike', async t => {
  const { explain } = await startBench(t, 'signature', { merchantAccounts: [['m1']] })
  const token = live(1)
  const refused = { reason: 'merchant_account_not_allowed' }
  t.match(await explain({ ...order, token, fields: { 'Merchant-Account': 'm2' } }), refused)
  t.match(await explain({ ...order, token, fields: [['Merchant-Account', 'm2']] }), refused)
  t.match(await explain({ ...order, fields: [['Authorization', `Bearer ${token}`]] }), { verdict: 'allow' })
  const all = { token, fields: null, clientAddress: '2001:db8::1', scheme: 'https' }
  t.match(await explain({ ...order, ...all }), { verdict: 'allow', token: { kind: 'session', format: 'jwt' } })
  t.match(await explain({ ...order, token: null, scheme: null }), { reason: 'credentials_missing' })
  t.match(await explain({ ...order, target: `/${'a'.repeat(8192)}`, token }), { reason: 'target_too_long' })
  const nearest = { route: 'GET /api/orders/{ref}/', differs: ['spelling'] }
  t.match(await explain({ method: 'GET', target: '/api/order/a/', token }), { reason: 'route_not_allowed', nearest })
})

t.test('the client secret of the merchant is found in a request that is asked about', async t => {
  const { admin, config } = await startIssuingGateway(t)
  const secret = config.issuing?.secrets.clientSecret ?? ''
  const { text } = await admin('/explain', { ...order, fields: { 'X-Note': secret } })
  t.match(JSON.parse(text), { reason: 'authentication_token' })
  t.notOk(text.includes(secret))
})

t.test('nothing that was sent comes back: no token, no field, no path, no method', async t => {
  const { ask } = await startBench(t, 'signature')
  const words = [live(1), anAuthenticationToken(), 'hunter2hunter2hunter2hunter2hunter2', '4111111111111111']
  for (const word of words) {
    for (const body of [
      { ...order, token: word },
      { ...order, target: `/api/orders/${word}/?a=${word}` },
      { ...order, fields: [['X-Note', word]] },
      { ...order, fields: [[word, 'a']] },
      { ...order, method: word },
      { ...order, [word]: 1 },
      { ...order, scheme: word },
      { ...order, clientAddress: word },
      { ...order, fields: word },
    ]) {
      const { text } = await ask('/explain', body)
      t.notOk(text.includes(word.slice(-16)), JSON.stringify(body).slice(0, 40))
    }
  }
})

const unfit: readonly (readonly [string, unknown, RegExp])[] = [
  ['no object', [], /must be an object/],
  ['no method', { target: '/' }, /Write at least/],
  ['no target', { method: 'GET' }, /Write at least/],
  ['an empty target', { method: 'GET', target: '' }, /"target" must be text of 1 to/],
  ['an unknown member', { ...order, body: '{}' }, /use method, target, token, fields, clientAddress, scheme/],
  ['a token that is no text', { ...order, token: 1 }, /"token" must be text/],
  ['fields that are text', { ...order, fields: 'Host: a' }, /"fields" must be \[\["Name", "value"\]/],
  ['a pair of three', { ...order, fields: [['a', 'b', 'c']] }, /"fields" must be/],
  ['a value that is no text', { ...order, fields: { 'Content-Length': 3 } }, /"fields" must be/],
  ['a host name for an address', { ...order, clientAddress: 'localhost' }, /IP address/],
  ['an unheard-of scheme', { ...order, scheme: 'ftp' }, /"http" or "https"/],
]

t.test('what is no request is answered with what to write', async t => {
  const { ask } = await startBench(t, 'signature')
  for (const [what, body, words] of unfit) {
    const reply = await ask('/explain', body)
    t.equal(refusalOf(reply), '400 invalid_input_data', what)
    t.match(JSON.parse(reply.text).errors[0].message, words, what)
  }
})

t.test('who does not hold the admin token learns nothing about a token', async t => {
  const { gateway } = await startBench(t, 'signature')
  const body = { ...order, token: live(1) }
  for (const token of [null, 'another-token'])
    t.equal(refusalOf(await askAdmin(gateway.adminUrl, '/explain', { body, token })), '401 unauthorized')
})

t.test('the keeper of several workers explains what they decide, also when the keys have changed', async t => {
  const text = `environment: sandbox
workers: 2
admin: { port: 0, token: { file: admin.token } }
session: { verify: signature, jwt: { secret: { file: secret } } }
policy: { file: ${JSON.stringify(packageFile('config', 'policy.yaml'))} }
log: { level: silent }
`
  const folder = t.testdir({ 'gateway.yaml': text, 'admin.token': adminToken, secret: testSecret.toString() })
  const keeper = await createKeeper(loadConfig(join(folder, 'gateway.yaml')))
  const url = await listenOnLoopback(t, keeper.admin as Server)
  const reasonOf = async (token: string) => {
    const { text } = await askAdmin(url, '/explain', { body: { ...order, token } })
    return JSON.parse(text).reason
  }
  const [one, two] = [live(1), live(2)]
  t.same([await reasonOf(one), await reasonOf(two)], [null, null])
  await askAdmin(url, '/revocations', { body: { token: one } })
  t.same([await reasonOf(one), await reasonOf(two)], ['token_revoked', null])
  writeFileSync(join(folder, 'secret'), 'another secret of thirty-two octets')
  t.equal(await keeper.reloading.reload(), 'success')
  t.equal(await reasonOf(two), 'signature_invalid')
})

t.test('in upstream mode one of several workers may know what its keeper does not', async t => {
  const admin = { host: '127.0.0.1', port: 0, token: Buffer.from(adminToken) }
  const session = aSessionConfig({ verify: 'upstream' })
  const keeper = await createKeeper(aConfig('http://127.0.0.1:9', { admin, session, workers: 2 }))
  const url = await listenOnLoopback(t, keeper.admin as Server)
  const { text } = await askAdmin(url, '/explain', { body: { ...order, token: live(1) } })
  t.match(JSON.parse(text), { verdict: 'allow', notJudged: [/refused to one of the workers$/, /limits/] })
})
