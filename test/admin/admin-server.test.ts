import t from 'tap'
import { type AdminRoute, invalidInput } from '../../src/admin/admin-call.ts'
import { adminToken, refusalOf, startAdmin } from '../fixtures/admin-client.ts'
import { sendRaw } from '../fixtures/raw-client.ts'

const seen: unknown[] = []
const routes: readonly AdminRoute[] = [
  { method: 'GET', path: '/open', isProtected: false, answer: () => ({ status: 200, body: { fine: true } }) },
  { method: 'GET', path: '/empty', isProtected: false, answer: () => ({ status: 204 }) },
  {
    method: 'POST',
    path: '/change',
    isProtected: true,
    answer({ body }) {
      seen.push(body)
      return { status: 200, body: { done: true } }
    },
  },
  {
    method: 'POST',
    path: '/fault',
    isProtected: true,
    answer() {
      throw new Error('a secret of the inside')
    },
  },
  {
    method: 'POST',
    path: '/refusal',
    isProtected: true,
    async answer() {
      throw invalidInput('No.')
    },
  },
]

t.test('what changes nothing needs no token, and is not cached', async t => {
  const { ask } = await startAdmin(t, routes)
  const { status, fields, text } = await ask('/open?a=1', { token: null })
  t.same([status, text], [200, '{"fine":true}\n'])
  t.match(fields, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  t.same((await ask('/empty', { token: null })).status, 204)
})

t.test('every refusal is the one envelope, with status and code of its kind', async t => {
  const { ask, faults } = await startAdmin(t, routes)
  const asked = async (...args: Parameters<typeof ask>) => refusalOf(await ask(...args))
  t.equal(await asked('/absent'), '404 not_found')
  t.equal(await asked('/open/'), '404 not_found')
  t.equal(await asked('/OPEN'), '404 not_found')
  t.equal(await asked('/__proto__'), '404 not_found')
  t.equal(await asked('/open', { method: 'POST', body: {} }), '405 method_not_allowed')
  t.equal(await asked('/change'), '405 method_not_allowed')
  t.equal(await asked('/change', { method: 'DELETE' }), '405 method_not_allowed')
  t.equal(await asked('/change', { body: '{' }), '400 invalid_input_data')
  t.equal(await asked('/change', { body: '' }), '400 invalid_input_data')
  t.equal(await asked('/refusal', { body: {} }), '400 invalid_input_data')
  t.same(faults, [])
})

t.test('a fault is told to the operator, and nothing of it to the caller', async t => {
  const { ask, faults } = await startAdmin(t, routes)
  const reply = await ask('/fault', { body: {} })
  t.equal(refusalOf(reply), '500 server_error')
  t.notMatch(reply.text, 'inside')
  t.match(faults, [{ message: 'a secret of the inside' }])
})

t.test('the path that is repeated has no query, and an end', async t => {
  const { ask } = await startAdmin(t, routes)
  t.equal(JSON.parse((await ask('/absent?token=x')).text).path, '/absent')
  t.equal(JSON.parse((await ask(`/${'a'.repeat(4000)}`)).text).path.length, 256)
})

for (const [what, token] of [
  ['no token', null],
  ['a wrong token', 'wrong'],
  ['an empty token', ''],
  ['the token and one character more', `${adminToken}x`],
  ['the token but its last character', adminToken.slice(0, -1)],
  ['the token in capitals', adminToken.toUpperCase()],
] as const) {
  t.test(`a change with ${what} is refused before its body is read`, async t => {
    const { ask } = await startAdmin(t, routes)
    seen.length = 0
    const reply = await ask('/change', { token, body: '{' })
    t.equal(refusalOf(reply), '401 unauthorized')
    t.match(reply.fields, { 'www-authenticate': /^Bearer /, connection: 'close' })
    t.same(seen, [])
  })
}

t.test('another scheme, or two tokens, are no admin token', async t => {
  const { ask } = await startAdmin(t, routes)
  for (const Authorization of [
    `Basic ${adminToken}`,
    adminToken,
    `Bearer ${adminToken}, Bearer x`,
    `Bearer  ${adminToken}`,
  ])
    t.equal(refusalOf(await ask('/change', { token: null, fields: { Authorization }, body: {} })), '401 unauthorized')
  t.equal(
    (await ask('/change', { token: null, fields: { Authorization: `bearer ${adminToken}` }, body: {} })).status,
    200,
  )
})

t.test('without a configured token nothing can be changed, and everything can be read', async t => {
  const { ask } = await startAdmin(t, routes, { token: () => undefined })
  for (const token of [null, '', adminToken, 'undefined'])
    t.equal(refusalOf(await ask('/change', { token, body: {} })), '403 forbidden')
  t.equal((await ask('/open', { token: null })).status, 200)
})

t.test('a body of 1 MiB is read, one of an octet more is refused in words', async t => {
  const { ask } = await startAdmin(t, routes)
  const json = (octets: number) => `"${'x'.repeat(octets - 2)}"`
  t.equal((await ask('/change', { body: json(1_048_576) })).status, 200)
  t.equal(refusalOf(await ask('/change', { body: json(1_048_577) })), '413 invalid_request')
  t.equal(refusalOf(await ask('/change', { body: json(8_000_000) })), '413 invalid_request')
})

t.test('a caller that goes away in the middle of its body is no fault', async t => {
  const { url, faults, ask } = await startAdmin(t, routes)
  const { connect } = await import('node:net')
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.end(
    `POST /change HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${adminToken}\r\nContent-Length: 9\r\n\r\n{`,
  )
  await new Promise(resolve => socket.on('close', resolve).resume())
  t.equal((await ask('/open')).status, 200)
  t.same(faults, [])
})

for (const host of [
  'evil.example',
  'evil.example:9090',
  '127.0.0.1.evil.example',
  'localhost.evil.example',
  '169.254.169.254',
  '',
]) {
  t.test(`the host name "${host}" that was pointed at this machine reads nothing`, async t => {
    const { url } = await startAdmin(t, routes)
    t.equal((await sendRaw(url, `GET /open HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).status, 403)
  })
}

for (const host of ['127.0.0.1', '127.0.0.1:9090', 'localhost', 'LOCALHOST:1', '[::1]', '[::1]:9090']) {
  t.test(`the host ${host} is this machine`, async t => {
    const { url } = await startAdmin(t, routes)
    t.equal((await sendRaw(url, `GET /open HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).status, 200)
  })
}

t.test('a listener that others may reach is asked for by any name', async t => {
  const { url } = await startAdmin(t, routes, { host: '0.0.0.0' })
  t.equal((await sendRaw(url, 'GET /open HTTP/1.1\r\nHost: gateway.internal:9090\r\n\r\n')).status, 200)
})

t.test('pages of other origins get nothing, even with the token; its own do', async t => {
  const { url, ask } = await startAdmin(t, routes)
  const own = new URL(url).host
  for (const Origin of [
    'https://evil.example',
    'null',
    `https://${own}`,
    'http://localhost:1',
    `http://${own}.evil.example`,
  ]) {
    t.equal(refusalOf(await ask('/open', { fields: { Origin } })), '403 forbidden', Origin)
    t.equal(refusalOf(await ask('/change', { fields: { Origin }, body: {} })), '403 forbidden', Origin)
  }
  t.equal((await ask('/open', { fields: { Origin: `http://${own}` } })).status, 200)
  t.equal(
    refusalOf(await ask('/open', { method: 'OPTIONS', fields: { Origin: 'https://evil.example' } })),
    '403 forbidden',
  )
})

t.test('what is not HTTP ends its connection, and nothing else', async t => {
  const { url, ask, faults } = await startAdmin(t, routes)
  await sendRaw(url, 'nonsense\r\n\r\n').catch(() => {})
  t.equal((await ask('/open')).status, 200)
  t.same(faults, [])
})
