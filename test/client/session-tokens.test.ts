import t from 'tap'
import { createSessionTokens, type GetSessionToken } from '../../src/client/session-tokens.ts'

/** A merchant's server that counts, and answers when the test says so. */
function aServer(answer: (asked: number) => ReturnType<GetSessionToken>) {
  const server = { asked: 0, getSessionToken: () => answer(++server.asked) }
  return server
}

const startOfTime = Date.UTC(2025, 6, 16, 14, 46, 39) / 1000

t.test('all who wait share one call, and all later ones its token', async t => {
  const server = aServer(asked => `token-${asked}`)
  const tokens = createSessionTokens(server)
  const held = await Promise.all([tokens.current(), tokens.current(), tokens.current()])
  t.same(held, Array(3).fill({ token: 'token-1', renewAt: Number.POSITIVE_INFINITY }))
  t.equal(await tokens.current(), held[0])
  t.equal(server.asked, 1)
})

t.test('a refused token is replaced once, however many were refused with it', async t => {
  const server = aServer(asked => `token-${asked}`)
  const tokens = createSessionTokens(server)
  const old = await tokens.current()
  tokens.discard(old)
  const one = tokens.current()
  tokens.discard(old)
  const two = tokens.current()
  t.equal((await one).token, 'token-2')
  t.equal(await two, await one)
  tokens.discard(old)
  t.equal((await tokens.current()).token, 'token-2', 'a late refusal of the old one says nothing about the new one')
  t.equal(server.asked, 2)
})

t.test('the same text that is given anew is another token: its refusal counts', async t => {
  const server = aServer(() => 'same')
  const tokens = createSessionTokens(server)
  tokens.discard(await tokens.current())
  tokens.discard(await tokens.current())
  await tokens.current()
  t.equal(server.asked, 3)
})

for (const [what, getSessionToken] of [
  ['throws at once', () => aServer(throwing)],
  ['rejects', () => aServer(async asked => throwing(asked))],
] as const) {
  t.test(`when getSessionToken ${what}, all who wait get its error, and the next one asks again`, async t => {
    const server = getSessionToken()
    const tokens = createSessionTokens(server)
    const waiting = await Promise.allSettled([tokens.current(), tokens.current()])
    for (const result of waiting) t.match(result, { status: 'rejected', reason: { message: 'out of order 1' } })
    t.equal(server.asked, 1)
    t.equal((await tokens.current()).token, 'token-2')
  })
}

function throwing(asked: number): string {
  if (asked === 1) throw new Error('out of order 1')
  return `token-${asked}`
}

for (const [seconds, before, isRenewed] of [
  [869, undefined, false],
  [870, undefined, true],
  [900, undefined, true],
  [889, 10, false],
  [890, 10, true],
  [899, 0, false],
  [900, 0, true],
] as const) {
  const margin = before === undefined ? 'the default margin' : `a margin of ${before} s`
  t.test(`with ${margin}, a token of 900 s is ${isRenewed ? '' : 'not '}renewed after ${seconds} s`, async t => {
    const clock = { now: startOfTime }
    const server = aServer(asked => ({ token: `token-${asked}`, expires_at: '2025-07-16T15:01:39Z' }))
    const tokens = createSessionTokens({
      ...server,
      now: () => clock.now,
      ...(before === undefined ? {} : { renewBeforeSec: before }),
    })
    await tokens.current()
    clock.now += seconds
    t.equal((await tokens.current()).token, isRenewed ? 'token-2' : 'token-1')
  })
}

t.test('a token that is over on arrival is used: the clock of the device is off', async t => {
  const clock = { now: startOfTime + 3600 }
  const server = aServer(asked => ({ token: `token-${asked}`, expires_at: '2025-07-16T15:01:39Z' }))
  const tokens = createSessionTokens({ getSessionToken: server.getSessionToken, now: () => clock.now })
  for (let round = 0; round < 3; round++) t.equal((await tokens.current()).token, 'token-1')
  t.equal(server.asked, 1)
})

t.test('the system clock is used unless another one is given', async t => {
  const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString()
  const renewed = async (seconds: number) => {
    const tokens = createSessionTokens({ getSessionToken: () => ({ token: 'a', expires_at: inSeconds(seconds) }) })
    return Number.isFinite((await tokens.current()).renewAt)
  }
  t.equal(await renewed(60), true)
  t.equal(await renewed(-60), false)
})

for (const expires_at of [undefined, '', 'soon', 12, null]) {
  t.test(`an end of ${JSON.stringify(expires_at)} is not known, and the token is used until it is refused`, async t => {
    const issued = { token: 'a', expires_at } as { token: string }
    const tokens = createSessionTokens({ getSessionToken: () => issued })
    t.equal((await tokens.current()).renewAt, Number.POSITIVE_INFINITY)
  })
}

for (const issued of [
  undefined,
  null,
  '',
  42,
  {},
  { token: '' },
  { token: 42 },
  { token: 'secret-1 ' },
  { access_token: 'secret-1' },
  'Bearer secret-1',
  'secret-1\n',
  'secret-1\r\nX-Evil: 1',
  'secret-1é',
]) {
  t.test(`${JSON.stringify(issued)} is no session token, and the error does not repeat it`, async t => {
    const tokens = createSessionTokens({ getSessionToken: () => issued as string })
    const error: TypeError = await tokens.current().then(t.fail, error => error)
    t.equal(error.name, 'TypeError')
    t.match(error.message, /^getSessionToken: must give a session token/)
    t.notMatch(error.message, /secret-1/)
  })
}

t.test('the padding inside a timestamped token is part of it', async t => {
  const tokens = createSessionTokens({
    getSessionToken: () => 'sandbox_eyJhIjogMX0=.aHe7Tw.GO4RzPHxOmJHec73n7Rfm2ekLPc',
  })
  t.equal((await tokens.current()).token, 'sandbox_eyJhIjogMX0=.aHe7Tw.GO4RzPHxOmJHec73n7Rfm2ekLPc')
})
