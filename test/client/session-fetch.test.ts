import t from 'tap'
import { createSessionFetch, type SessionFetchOptions } from '../../src/client/session-fetch.ts'
import { type Recorded, startRecorder } from '../fixtures/recorder.ts'
import { fieldOf, refuse, startRefusing } from '../fixtures/refusing-server.ts'

const post = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"amount":"1.00"}' }

/** A session fetch whose tokens are `token-1`, `token-2` … */
function aClient(options: Partial<SessionFetchOptions> = {}) {
  const client = { asked: 0, call: fetch }
  const getSessionToken = () => `token-${++client.asked}`
  client.call = createSessionFetch({ getSessionToken, ...options })
  return client
}
const tokensOf = (requests: readonly Recorded[]) => requests.map(request => fieldOf(request, 'authorization')?.slice(7))

t.test('getSessionToken alone is enough for absolute URLs', async t => {
  const { url, requests } = await startRefusing(t, ['token-2'])
  const { call } = aClient()
  t.equal((await call(`${url}/api/`)).status, 200)
  t.same(tokensOf(requests), ['token-1', 'token-2'])
})

t.test('a 401 after the replay is the answer, and can be read', async t => {
  const { url, requests } = await startRefusing(t)
  const client = aClient()
  const answer = await client.call(`${url}/api/`)
  t.equal(answer.status, 401)
  t.match(await answer.json(), { errors: [{ code: 'expired_session_token' }] })
  t.same(tokensOf(requests), ['token-1', 'token-2'])
  t.equal(client.asked, 2)
})

t.test('after a 401 that came twice the next request starts with a token that was not refused', async t => {
  const { url, requests, valid } = await startRefusing(t)
  const { call } = aClient()
  await call(`${url}/api/`)
  valid.add('token-3')
  t.equal((await call(`${url}/api/`)).status, 200)
  t.same(tokensOf(requests), ['token-1', 'token-2', 'token-2', 'token-3'])
})

for (const [status, code] of [
  [401, 'missing_merchant_account'],
  [403, 'insufficient_scope'],
  [429, 'too_many_requests'],
  [503, 'service_unavailable'],
] as const) {
  t.test(`${status} ${code} is not sent again`, async t => {
    const { url, requests } = await startRecorder(t, (_request, response) => {
      response.setHeader('Retry-After', '7')
      refuse(response, status, code)
    })
    const client = aClient()
    const answer = await client.call(`${url}/api/`)
    t.same([answer.status, answer.headers.get('Retry-After')], [status, '7'])
    t.same([requests.length, client.asked], [1, 1])
  })
}

t.test('a stream is not sent again: the 401 is the answer, and the next request has a new token', async t => {
  const { url, requests } = await startRefusing(t, ['token-2'])
  const { call } = aClient()
  const stream = () => ({ method: 'POST', body: new Blob(['abc']).stream(), duplex: 'half' }) as RequestInit
  const answer = await call(`${url}/api/`, stream())
  t.equal(answer.status, 401)
  t.match(await answer.json(), { errors: [{ code: 'expired_session_token' }] })
  t.equal((await call(`${url}/api/`, stream())).status, 200)
  t.same(tokensOf(requests), ['token-1', 'token-2'])
})

t.test('a refusal that arrives after others have renewed is answered with their token', async t => {
  const late: (() => void)[] = []
  const { url, requests } = await startRecorder(t, ({ url: path, headers: { authorization } }, response) => {
    if (authorization !== 'Bearer token-1') response.end('{}')
    else if (path === '/late/') late.push(() => refuse(response, 401, 'invalid_token'))
    else refuse(response, 401, 'invalid_token')
  })
  const client = aClient()
  const slow = client.call(`${url}/late/`)
  while (late.length === 0) await new Promise(setImmediate)
  t.equal((await client.call(`${url}/api/`)).status, 200)
  t.equal(client.asked, 2)
  late[0]?.()
  t.equal((await slow).status, 200)
  t.equal(client.asked, 2, 'no renewal of its own')
  t.same(tokensOf(requests), ['token-1', 'token-1', 'token-2', 'token-2'])
})

t.test('a renewal that fails fails every request that waits for it, and the next one tries again', async t => {
  const { url, requests } = await startRefusing(t, ['token-2'])
  let asked = 0
  const call = createSessionFetch({
    async getSessionToken() {
      if (++asked === 1) throw new Error('the merchant’s server is out of order')
      return `token-${asked}`
    },
  })
  const results = await Promise.allSettled(Array.from({ length: 5 }, () => call(`${url}/api/`)))
  for (const result of results)
    t.match(result, { status: 'rejected', reason: { message: /^the merchant’s server is out of order$/ } })
  t.same([asked, requests.length], [1, 0])
  t.equal((await call(`${url}/api/`)).status, 200)
  t.same(tokensOf(requests), ['token-2'])
})

t.test('a renewal after a 401 that fails is the app’s to see, and the refused token is not used again', async t => {
  const { url, requests } = await startRefusing(t, ['token-3'])
  let asked = 0
  const call = createSessionFetch({
    getSessionToken() {
      if (++asked === 2) throw new Error('out of order')
      return `token-${asked}`
    },
  })
  await t.rejects(call(`${url}/api/`), { message: 'out of order' })
  t.equal((await call(`${url}/api/`)).status, 200)
  t.same(tokensOf(requests), ['token-1', 'token-3'])
})

t.test('an aborted request rejects at once; the renewal goes on for the others', async t => {
  const { url, requests } = await startRefusing(t, ['token-2'])
  let answer: (token: string) => void = () => {}
  let asked = 0
  const call = createSessionFetch({
    getSessionToken() {
      asked++
      return asked === 1 ? 'token-1' : new Promise<string>(resolve => (answer = resolve))
    },
  })
  const controller = new AbortController()
  const leaving = call(`${url}/leaving/`, { signal: controller.signal })
  const staying = call(new Request(`${url}/staying/`, { signal: new AbortController().signal }))
  while (requests.length < 2 || asked < 2) await new Promise(setImmediate)
  const reason = new Error('the customer left')
  controller.abort(reason)
  await t.rejects(leaving, reason)
  answer('token-2')
  t.equal((await staying).status, 200)
  t.equal(asked, 2)
  t.same(requests.map(({ target }) => target).sort(), ['/leaving/', '/staying/', '/staying/'])
})

t.test('a request that is aborted before it begins asks nobody for anything', async t => {
  const { url, requests } = await startRefusing(t, ['token-1'])
  const client = aClient()
  await t.rejects(client.call(`${url}/api/`, { signal: AbortSignal.abort() }), { name: 'AbortError' })
  t.same([client.asked, requests.length], [0, 0])
})

t.test('a request in flight is aborted as in fetch', async t => {
  const controller = new AbortController()
  const { url } = await startRecorder(t, () => controller.abort())
  await t.rejects(aClient().call(`${url}/api/`, { signal: controller.signal }), { name: 'AbortError' })
})

t.test('another origin gets the request as the app made it: no token, no key, no second try', async t => {
  const gateway = await startRefusing(t, ['token-1'])
  const other = await startRefusing(t)
  const client = aClient({ baseUrl: gateway.url })
  for (const input of [other.url, new URL(other.url), new Request(other.url)]) {
    t.equal((await client.call(input, { method: 'POST', body: 'a' })).status, 401)
  }
  t.equal((await client.call('data:,abc')).status, 200)
  t.equal(client.asked, 0)
  t.equal(other.requests.length, 3)
  for (const request of other.requests) {
    for (const name of ['authorization', 'idempotency-key']) t.equal(fieldOf(request, name), undefined, name)
  }
  t.equal((await client.call('/api/')).status, 200)
})

t.test('without baseUrl nothing at all is sent to a second origin', async t => {
  const gateway = await startRefusing(t, ['token-1'])
  const other = await startRefusing(t)
  const { call } = aClient()
  await call(gateway.url)
  await t.rejects(call(other.url, post), { name: 'TypeError', message: /give baseUrl/ })
  t.equal(other.requests.length, 0)
})

t.test('a fault of the network is told as fetch tells it, without the token', async t => {
  const { url } = await startRecorder(t, (_request, response) => response.destroy())
  const error = await aClient({ getSessionToken: () => 'secret-token' })
    .call(`${url}/api/`)
    .then(t.fail, error => error)
  t.equal(error.name, 'TypeError')
  t.notMatch(`${error.stack} ${error.cause?.stack}`, /secret-token/)
})

t.test('the key of the app’s own making is used', async t => {
  const { url, requests } = await startRefusing(t, ['token-1'])
  await aClient({ randomKey: () => 'of the app' }).call(url, post)
  t.equal(fieldOf(requests[0] as Recorded, 'idempotency-key'), 'of the app')
})

t.test('a token is renewed before its end, which costs no refusal', async t => {
  const { url, requests } = await startRefusing(t, ['token-1', 'token-2'])
  const clock = { now: Date.UTC(2025, 6, 16, 14, 46, 39) / 1000 }
  let asked = 0
  const call = createSessionFetch({
    getSessionToken: () => ({ token: `token-${++asked}`, expires_at: '2025-07-16T15:01:39Z' }),
    now: () => clock.now,
  })
  await call(url)
  clock.now += 870
  await Promise.all([call(url), call(url), call(url)])
  t.same(tokensOf(requests), ['token-1', 'token-2', 'token-2', 'token-2'])
})

t.test('wrong options are refused at once', async t => {
  t.throws(() => createSessionFetch({ getSessionToken: 'a' } as unknown as SessionFetchOptions), {
    name: 'TypeError',
    message: 'getSessionToken: must be a function',
  })
})

t.test('what can be said to be wrong with a request is a rejection, as in fetch', async t => {
  await t.rejects(aClient().call('orders/1/'), TypeError)
  const used = new Request('http://127.0.0.1:1/', { method: 'POST', body: 'a' })
  await used.text()
  await t.rejects(aClient().call(used), TypeError)
})
