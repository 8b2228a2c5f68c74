import t from 'tap'
import { keepBody } from '../../src/client/kept-body.ts'

type Body = Parameters<typeof keepBody>[0]

const sent = async (body: Body) => new Response(body ?? null).text()

for (const [what, body] of [
  ['no body', undefined],
  ['null', null],
  ['a text', 'a=1'],
  ['an empty text', ''],
] as const) {
  t.test(`${what} is kept as it is`, async t => {
    t.same(keepBody(body), { body, isReplayable: true })
  })
}

t.test('URLSearchParams are kept as they were, with the content type that they have', async t => {
  const body = new URLSearchParams('a=1&b=%20')
  const kept = keepBody(body)
  body.set('a', '2')
  const contentType = 'application/x-www-form-urlencoded;charset=UTF-8'
  t.same(kept, { body: 'a=1&b=+', contentType, isReplayable: true })
})

const octets = () => new TextEncoder().encode('-abc-')
for (const [what, makeBody] of [
  ['an ArrayBuffer', () => octets().slice(1, 4).buffer],
  ['a part of a Uint8Array', () => octets().subarray(1, 4)],
  ['a Buffer', () => Buffer.from('-abc-').subarray(1, 4)],
  ['a DataView', () => new DataView(octets().buffer, 1, 3)],
] as const) {
  t.test(`${what} is kept as it was, whatever the app does with it then`, async t => {
    const body = makeBody()
    const kept = keepBody(body as Body)
    // Only its own octets: a Buffer shares its memory with others of the process.
    const own = 'buffer' in body ? new Uint8Array(body.buffer, body.byteOffset, body.byteLength) : new Uint8Array(body)
    own.fill(0x78)
    t.equal(kept.isReplayable, true)
    t.equal(await sent(kept.body), 'abc')
    t.equal(await sent(kept.body), 'abc')
  })
}

t.test('a Blob and FormData are given again', async t => {
  const form = new FormData()
  form.set('a', '1')
  for (const body of [new Blob(['abc']), form]) t.same(keepBody(body as Body), { body, isReplayable: true })
})

t.test('a Blob of a platform whose objects do not say their name is known by its class', async t => {
  class Blob {}
  const original = Object.getOwnPropertyDescriptor(globalThis, 'Blob') as PropertyDescriptor
  Object.defineProperty(globalThis, 'Blob', { ...original, value: Blob, writable: true })
  t.teardown(() => Object.defineProperty(globalThis, 'Blob', original))
  t.equal(keepBody(new Blob() as Body).isReplayable, true)
})

async function* chunks(): AsyncGenerator<Uint8Array> {
  yield octets()
}
for (const [what, body] of [
  ['a ReadableStream', new ReadableStream()],
  ['an async iterable', chunks()],
  ['what nobody knows', { uri: 'file:///a' }],
] as const) {
  t.test(`${what} can be sent once`, async t => {
    t.same(keepBody(body as unknown as Body), { body, isReplayable: false })
  })
}
