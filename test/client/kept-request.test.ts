import t, { type Test } from 'tap'
import { keepRequest } from '../../src/client/kept-request.ts'
import { type Recorded, startRecorder } from '../fixtures/recorder.ts'
import { fieldOf } from '../fixtures/refusing-server.ts'

/** Sends a request twice, with one token and then another. @returns what the server saw */
async function sendTwice(t: Test, ask: (url: string) => readonly [string | Request, RequestInit?]) {
  const { url, requests } = await startRecorder(t)
  const target = `${url}/api/payments/`
  const [input, init] = ask(target)
  const kept = keepRequest({ target, input, init, newKey: () => 'a new key', send: fetch })
  await kept.send('one')
  await kept.send('two')
  t.same(requests.map(asked('authorization')), ['Bearer one', 'Bearer two'])
  const [first, second, ...more] = requests as [Recorded, Recorded, ...Recorded[]]
  t.same(more, [])
  for (const name of ['idempotency-key', 'content-type', 'merchant-account', 'content-length'])
    t.equal(fieldOf(second, name), fieldOf(first, name), `the same ${name}`)
  t.same(second.body, first.body, 'the same body')
  t.same([second.method, second.target], [first.method, first.target])
  return { isReplayable: kept.isReplayable, seen: second }
}

const asked = (name: string) => (request: Recorded) => fieldOf(request, name)
const body = JSON.stringify({ amount: '1.00' })
const headers = { 'Content-Type': 'application/json', 'Merchant-Account': '123ab45c67' }

for (const [what, ask] of [
  ['a URL and options', (url: string) => [url, { method: 'POST', headers, body }]],
  ['a Request', (url: string) => [new Request(url, { method: 'POST', headers, body })]],
  ['a Request and options', (url: string) => [new Request(url, { method: 'PUT', headers, body }), { method: 'POST' }]],
  ['a method in small letters', (url: string) => [url, { method: 'post', headers, body }]],
  [
    'a Request whose body is replaced',
    (url: string) => [new Request(url, { method: 'POST', headers, body: 'a' }), { body }],
  ],
] as const satisfies readonly (readonly [string, Parameters<typeof sendTwice>[1]])[]) {
  t.test(`a POST made of ${what} is sent again as it was`, async t => {
    const { isReplayable, seen } = await sendTwice(t, ask)
    t.equal(isReplayable, true)
    t.same([seen.method, seen.body.toString()], ['POST', body])
    t.equal(fieldOf(seen, 'idempotency-key'), 'a new key')
    t.equal(fieldOf(seen, 'merchant-account'), '123ab45c67')
    t.equal(fieldOf(seen, 'content-type'), 'application/json')
  })
}

t.test('an Idempotency-Key that the app gave stays, however it is spelled', async t => {
  const { seen } = await sendTwice(t, url => [url, { method: 'POST', body, headers: { 'IDEMPOTENCY-KEY': 'mine' } }])
  t.equal(fieldOf(seen, 'idempotency-key'), 'mine')
})

for (const method of ['GET', 'HEAD', 'PATCH', 'PUT', 'DELETE']) {
  t.test(`${method} gets no Idempotency-Key`, async t => {
    const { seen } = await sendTwice(t, url => [url, { method }])
    t.equal(fieldOf(seen, 'idempotency-key'), undefined)
  })
}

t.test('credentials that the app put in the request are replaced', async t => {
  await sendTwice(t, url => [url, { headers: { authorization: 'Bearer of the app' } }])
})

t.test('URLSearchParams are sent as a form', async t => {
  const { seen } = await sendTwice(t, url => [url, { method: 'POST', body: new URLSearchParams('a=1') }])
  t.equal(fieldOf(seen, 'content-type'), 'application/x-www-form-urlencoded;charset=UTF-8')
  t.equal(seen.body.toString(), 'a=1')
})

t.test('URLSearchParams are sent as what the app says', async t => {
  const { seen } = await sendTwice(t, url => [url, { method: 'POST', headers, body: new URLSearchParams('a=1') }])
  t.equal(fieldOf(seen, 'content-type'), 'application/json')
})

t.test('the headers of the second argument stand for those of the Request, as in fetch', async t => {
  const { seen } = await sendTwice(t, url => [
    new Request(url, { headers }),
    { headers: { 'API-Version': '2025-08-04' } },
  ])
  t.equal(fieldOf(seen, 'merchant-account'), undefined)
  t.equal(fieldOf(seen, 'api-version'), '2025-08-04')
})

t.test('what the app changes after its call changes nothing', async t => {
  const fields = new Headers(headers)
  const octets = new TextEncoder().encode(body)
  const { seen } = await sendTwice(t, url => {
    const init = { method: 'POST', headers: fields, body: octets }
    queueMicrotask(() => {
      octets.fill(0)
      fields.set('Merchant-Account', 'other')
      init.method = 'DELETE'
    })
    return [url, init]
  })
  t.equal(seen.method, 'POST')
  t.equal(seen.body.toString(), body)
  t.equal(fieldOf(seen, 'merchant-account'), '123ab45c67')
})

t.test('a Request is taken as it is at the call, and can be read by the app afterwards', async t => {
  const { url, requests } = await startRecorder(t)
  const input = new Request(url, { method: 'POST', body })
  const kept = keepRequest({ target: url, input, init: undefined, newKey: () => 'a', send: fetch })
  t.equal(await input.text(), body)
  await kept.send('one')
  t.equal(requests[0]?.body.toString(), body)
})

t.test('a stream can be sent once', async t => {
  const { url, requests } = await startRecorder(t)
  const init = { method: 'POST', body: new Blob([body]).stream() as ReadableStream, duplex: 'half' } as const
  const kept = keepRequest({ target: url, input: url, init, newKey: () => 'a', send: fetch })
  t.equal(kept.isReplayable, false)
  await kept.send('one')
  t.equal(requests[0]?.body.toString(), body)
})

const { signal } = new AbortController()
for (const [what, ask, isFound] of [
  ['in the options', [new Request('http://a'), { signal }], true],
  ['in the Request', [new Request('http://a', { signal })], true],
  ['taken away by null', [new Request('http://a', { signal }), { signal: null }], false],
  ['nowhere', ['http://a/'], false],
] as const) {
  t.test(`a signal ${what} is ${isFound ? 'found' : 'not waited for'}`, async t => {
    const [input, init] = ask as readonly [string | Request, RequestInit?]
    const kept = keepRequest({ target: 'http://a/', input, init, newKey: () => 'a', send: fetch })
    t.equal(kept.signal !== undefined, isFound)
  })
}

for (const status of [301, 302, 303, 307, 308]) {
  t.test(`a ${status} leads neither the token nor the body anywhere`, async t => {
    const elsewhere = await startRecorder(t)
    const { url, requests } = await startRecorder(t, (_request, response) => {
      response.writeHead(status, { Location: `${elsewhere.url}/` }).end()
    })
    for (const init of [undefined, { redirect: 'follow' }] as const) {
      const input = new Request(url, { method: 'POST', body })
      const kept = keepRequest({ target: url, input, init, newKey: () => 'a', send: fetch })
      await t.rejects(kept.send('one'), TypeError)
    }
    for (const input of [url, new Request(url, { redirect: 'manual' })]) {
      const init = typeof input === 'string' ? ({ redirect: 'manual' } as const) : undefined
      const kept = keepRequest({ target: url, input, init, newKey: () => 'a', send: fetch })
      t.equal((await kept.send('one')).status, status, 'an app may look at it')
    }
    t.equal(requests.length, 4)
    t.equal(elsewhere.requests.length, 0)
  })
}
