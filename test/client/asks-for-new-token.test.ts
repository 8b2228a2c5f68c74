import t from 'tap'
import { asksForNewToken } from '../../src/client/asks-for-new-token.ts'

const envelope = (code: string) => JSON.stringify({ path: '/', errors: [{ code, message: '', source: {} }] })

for (const code of [
  'unauthorized',
  'invalid_token',
  'expired_session_token',
  'bad_signature',
  'expired_token_signature',
]) {
  t.test(`a 401 ${code} asks for a new token, and can still be read`, async t => {
    const answer = new Response(envelope(code), { status: 401 })
    t.equal(await asksForNewToken(answer), true)
    t.equal(await answer.text(), envelope(code))
  })
}

for (const [what, body] of [
  ['nothing, as for HEAD', null],
  ['a text', 'Unauthorized'],
  ['HTML', '<html></html>'],
  ['the old shape', '{"detail":"Authentication credentials were not provided."}'],
  ['an empty list of errors', '{"errors":[]}'],
  ['null', 'null'],
] as const) {
  t.test(`a 401 with ${what} asks for a new token`, async t => {
    t.equal(await asksForNewToken(new Response(body, { status: 401 })), true)
  })
}

t.test('a 401 whose body breaks off asks for a new token', async t => {
  const broken = new ReadableStream({ start: controller => controller.error(new Error('reset')) })
  t.equal(await asksForNewToken(new Response(broken, { status: 401 })), true)
})

t.test('a 401 about something else is for the app', async t => {
  t.equal(await asksForNewToken(new Response(envelope('missing_merchant_account'), { status: 401 })), false)
})

for (const status of [200, 400, 403, 407, 419, 423, 429, 500, 502, 503]) {
  t.test(`a ${status} is for the app, whatever it says`, async t => {
    t.equal(await asksForNewToken(new Response(envelope('invalid_token'), { status })), false)
  })
}
