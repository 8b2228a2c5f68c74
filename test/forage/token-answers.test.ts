import t from 'tap'
import { readAuthenticationToken, readSessionToken } from '../../src/forage/token-answers.ts'
import { anAuthenticationToken, aToken } from '../fixtures/token.ts'

const token = anAuthenticationToken()
const answer = (members: object) => JSON.stringify({ access_token: token, ...members })

const lives: readonly (readonly [members: object, lifetimeSec: number])[] = [
  [{}, 604_800],
  [{ token_type: 'Bearer', expires_in: 86_400, scope: 'pinpad_only' }, 86_400],
  [{ token_type: 'bearer', expires_in: 1 }, 1],
  [{ expires_in: 2_592_000 }, 2_592_000],
  [{ expires_in: 2_592_001 }, 2_592_000],
  [{ something_new: true }, 604_800],
]
for (const [members, lifetimeSec] of lives) {
  t.test(`an answer with ${JSON.stringify(members)} gives a token for ${lifetimeSec} s`, async t => {
    t.same(readAuthenticationToken(answer(members), 604_800), { token, lifetimeSec })
  })
}

const unread = [
  '',
  'null',
  '[]',
  '"sandbox_abc"',
  '<html>',
  '{}',
  answer({ access_token: 1 }),
  answer({ access_token: '' }),
  answer({ access_token: aToken() }),
  answer({ access_token: `${token}.` }),
  answer({ access_token: `${token}\r\nX: y` }),
  answer({ access_token: token.slice('sandbox_'.length) }),
  answer({ access_token: `elsewhere_${'a'.repeat(30)}` }),
  answer({ access_token: `sandbox_${'a'.repeat(249)}` }),
  answer({ token_type: 'mac' }),
  answer({ token_type: 1 }),
  answer({ expires_in: 0 }),
  answer({ expires_in: -1 }),
  answer({ expires_in: 1.5 }),
  answer({ expires_in: '604800' }),
  answer({ expires_in: null }),
]
for (const text of unread) {
  t.test(`no authentication token is read out of ${text.slice(0, 90)}`, async t => {
    t.equal(readAuthenticationToken(text, 604_800), undefined)
  })
}

t.test('the longest authentication token that is taken has 256 characters', async t => {
  const longest = `sandbox_${'a'.repeat(248)}`
  t.equal(readAuthenticationToken(answer({ access_token: longest }), 1)?.token, longest)
})

t.test('a session token is read, and whether it is a good one is not for here to say', async t => {
  t.same(readSessionToken(JSON.stringify({ token: aToken() })), { token: aToken() })
  t.same(readSessionToken('{"token":"sandbox_a.b.c","more":1}'), { token: 'sandbox_a.b.c' })
})

for (const text of [
  '{}',
  '{"token":null}',
  '{"token":""}',
  '{"token":"sandbox_"}',
  '{"token":"no prefix"}',
  '{"token":"sandbox_a b"}',
  '{"token":"sandbox_a\\nb"}',
  JSON.stringify({ token: `sandbox_${'a.'.repeat(4093)}` }),
  JSON.stringify({ token }),
  '<html>',
]) {
  t.test(`no session token is read out of ${text.slice(0, 60)}`, async t => {
    t.equal(readSessionToken(text), undefined)
  })
}
