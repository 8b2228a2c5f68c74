import type { RequestListener } from 'node:http'
import t, { type Test } from 'tap'
import type { VerifyMode } from '../../src/session/verify-mode.ts'
import { adminToken, askAdmin } from '../fixtures/admin-client.ts'
import { aConfig, aSessionConfig } from '../fixtures/config.ts'
import { startGateway } from '../fixtures/gateway.ts'
import { at, send } from '../fixtures/http-client.ts'
import { openRaw } from '../fixtures/raw-connection.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { anAuthenticationToken, aToken } from '../fixtures/token.ts'

const exp = () => Math.floor(Date.now() / 1000) + 600
const parent = anAuthenticationToken()
const live = (a: number, secret = 'a secret that the gateway does not have') =>
  aToken({ claims: { a, exp: exp() }, secret: Buffer.from(secret) })

async function startBench(t: Test, verify: VerifyMode, respond?: RequestListener) {
  const recorder = await startRecorder(t, respond)
  const admin = { host: '127.0.0.1', port: 0, token: Buffer.from(adminToken) }
  const gateway = await startGateway(t, aConfig(recorder.url, { admin, session: aSessionConfig({ verify }) }))
  const ask = (path: string, body: object) => askAdmin(gateway.adminUrl, path, { body })
  const read = async (
    token: string,
    fields: Readonly<Record<string, string>> = {},
    path = '/api/orders/9kx72hbd31/',
  ) => {
    const headers = { Authorization: `Bearer ${token}`, ...fields }
    const { status, text } = await send({ ...at(gateway.url), path, headers })
    return status === 200 ? '200' : `${status} ${JSON.parse(text).errors[0].code}`
  }
  return { recorder, gateway, ask, read }
}

for (const [what, revocation] of [
  ['its token', undefined],
  ['its use case', { useCase: 'checkout' }],
  ['its authentication token', { authenticationToken: parent }],
  ['everything', { all: true }],
] as const) {
  for (const verify of ['signature', 'ledger', 'upstream'] as const) {
    t.test(
      `in mode ${verify}, to revoke ${what} ends a session before the next request of its open connection`,
      async t => {
        const { recorder, gateway, ask, read } = await startBench(t, verify)
        const token = aToken({ claims: { a: 1, exp: exp() } })
        t.equal((await ask('/tokens', { token, useCase: 'checkout', authenticationToken: parent })).status, 201)
        const connection = await openRaw(t, gateway.url)
        const request = `GET /api/orders/a/ HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n\r\n`
        for (let round = 0; round < 3; round++) {
          connection.send(request)
          t.equal((await connection.answer()).status, 200)
        }
        t.equal((await ask('/revocations', revocation ?? { token })).status, 200)
        connection.send(request)
        const { status, body } = await connection.answer()
        t.same([status, JSON.parse(body).errors[0].code], [401, 'invalid_token'])
        t.equal(await read(token), '401 invalid_token', 'on a new connection too')
        t.equal(recorder.requests.length, 3)
      },
    )
  }
}

t.test('a session that is not meant by a revocation goes on', async t => {
  const { ask, read } = await startBench(t, 'ledger')
  const [one, two] = [live(1), live(2)]
  await ask('/tokens', {
    tokens: [
      { token: one, useCase: 'checkout', authenticationToken: parent },
      { token: two, useCase: 'balance' },
    ],
  })
  for (const body of [{ token: one }, { useCase: 'checkout' }, { authenticationToken: parent }]) {
    await ask('/revocations', body)
    t.same([await read(one), await read(two)], ['401 invalid_token', '200'])
  }
})

t.test('ledger mode lets in what was registered, letter by letter, and nothing else', async t => {
  const { recorder, ask, read } = await startBench(t, 'ledger')
  const token = live(1)
  t.equal(await read(token), '401 invalid_token', 'not registered')
  t.equal(recorder.requests.length, 0)
  await ask('/tokens', { token })
  t.equal(await read(token), '200', 'registered')
  const [header, , signature = ''] = token.split('.')
  const forged = Buffer.from(JSON.stringify({ a: 2, exp: exp() })).toString('base64url')
  const others: Readonly<Record<string, string>> = {
    'another signature': live(1, 'of somebody else'),
    'one bit of the signature': `${token.slice(0, -43)}${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
    'other claims': `${header}.${forged}.${signature}`,
    'a second spelling': `${token}=`,
    'the same in the other environment': token.replace('sandbox_', 'prod_'),
  }
  for (const [what, text] of Object.entries(others)) t.equal(await read(text), '401 invalid_token', what)
  t.equal(recorder.requests.length, 1)
})

t.test('in ledger mode a narrowed token does what it was narrowed to', async t => {
  const { ask, read } = await startBench(t, 'ledger')
  const [narrow, nothing] = [live(1), live(2)]
  await ask('/tokens', {
    tokens: [
      { token: narrow, scopes: ['payments'] },
      { token: nothing, scopes: [] },
    ],
  })
  t.equal(await read(narrow, {}, '/api/payments/'), '200')
  t.equal(await read(narrow), '403 insufficient_scope')
  t.equal(await read(nothing), '403 insufficient_scope')
  await ask('/tokens', { token: narrow, scopes: ['orders'] })
  t.equal(await read(narrow), '403 insufficient_scope', 'a second registration opens nothing')
  t.equal(await read(narrow, {}, '/api/payments/'), '403 insufficient_scope', 'and closes what it does not list')
})

t.test('in ledger mode a token of one merchant is no token of another', async t => {
  const { ask, read } = await startBench(t, 'ledger')
  const token = live(1)
  await ask('/tokens', { token, merchantAccount: 'mid/123ab45c67' })
  t.equal(await read(token, { 'Merchant-Account': '123ab45c67' }), '200')
  t.equal(await read(token, { 'Merchant-Account': 'mid/123ab45c67' }), '200')
  t.equal(await read(token), '200', 'who names no merchant names no other one')
  for (const account of ['999zz99z99', '123AB45C67', 'mid/mid/123ab45c67', ''])
    t.equal(await read(token, { 'Merchant-Account': account }), '403 forbidden', account)
})

t.test('in upstream mode a token that Forage refused for its own sake is not asked about again', async t => {
  let code = 'expired_token_signature'
  const refuse: RequestListener = (_request, response) => {
    const errors = [{ code, message: '', source: { resource: 'Session_Token', ref: '' } }]
    response.writeHead(401, { 'Content-Type': 'application/json' }).end(JSON.stringify({ path: '/', errors }))
  }
  const { recorder, read } = await startBench(t, 'upstream', refuse)
  const token = live(1)
  t.equal(await read(token), '401 expired_token_signature', 'the answer of Forage')
  t.equal(await read(token), '401 invalid_token', 'the answer of the gateway')
  t.equal(recorder.requests.length, 1)
  t.equal(await read(live(1, 'of somebody else')), '401 expired_token_signature', 'another text is another token')

  code = 'missing_merchant_account'
  const other = live(2)
  for (let round = 0; round < 2; round++)
    t.equal(await read(other), '401 missing_merchant_account', 'not about the token')
})

for (const verify of ['signature', 'ledger'] as const) {
  t.test(`in mode ${verify} a 401 of Forage ends no session here`, async t => {
    const refuse: RequestListener = (_request, response) =>
      void response.writeHead(401, { 'Content-Type': 'application/json' }).end('{"errors":[{"code":"invalid_token"}]}')
    const { recorder, ask, read } = await startBench(t, verify, refuse)
    const token = aToken({ claims: { a: 1, exp: exp() } })
    await ask('/tokens', { token })
    for (let round = 0; round < 2; round++) t.equal(await read(token), '401 invalid_token')
    t.equal(recorder.requests.length, 2)
  })
}

t.test('nothing on the listener of clients registers or revokes', async t => {
  const { gateway, read } = await startBench(t, 'ledger')
  const token = live(1)
  for (const path of ['/tokens', '/revocations'])
    t.not((await askAdmin(gateway.url, path, { body: { token } })).status, 201)
  t.equal(await read(token), '401 invalid_token')
})
