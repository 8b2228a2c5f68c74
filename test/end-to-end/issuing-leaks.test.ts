import t from 'tap'
import { startIssuingGateway } from '../fixtures/issuing-gateway.ts'

const isLeak = ({ event }: { readonly event?: unknown }) => event === 'credential_leaked'

for (const onLeakedAuthenticationToken of ['alert', 'revoke'] as const) {
  t.test(
    `one of our authentication tokens in a client is blocked and told of (${onLeakedAuthenticationToken})`,
    async t => {
      const bench = await startIssuingGateway(t, { onLeakedAuthenticationToken })
      const { ask, read, sessionFor, simulator, admin, gateway, log } = bench
      const [checkout, balance] = [await sessionFor('checkout'), await sessionFor('balance')]
      const [leaked = ''] = simulator.liveAuthenticationTokens()
      const reply = await ask(leaked, '/api/orders/0a1b2c3d4e/', undefined, { 'X-Forage-Android-Sdk-Version': '4.1.3' })
      t.equal(reply.status, 403)
      t.equal(JSON.parse(reply.text).errors[0].code, 'authentication_token_not_allowed')
      // Its sessions end before anything is asked of Forage.
      const verdicts = [await read(checkout), await read(balance)].sort()
      const isRevoked = onLeakedAuthenticationToken === 'revoke'
      t.same(verdicts, isRevoked ? ['200', '401 invalid_token'] : ['200', '200'])
      t.equal(await read(await sessionFor('checkout')), '200')
      t.equal(JSON.parse((await admin('/status')).text).issuing.leaks, 1)
      await gateway.stop()
      t.equal(simulator.liveAuthenticationTokens().includes(leaked), false)
      const lines = log.lines()
      t.match(lines.filter(isLeak), [
        { level: 'error', credential: 'authentication_token', client_address: '127.0.0.1', sdk_version: '4.1.3' },
      ])
      t.match(lines.find(isLeak)?.authentication_token, /^[\w-]{8,}$/)
      t.notMatch(JSON.stringify(lines), leaked.slice('sandbox_'.length))
    },
  )
}

t.test('one that was revoked already ends no session, however often it is sent', async t => {
  const { ask, read, sessionFor, simulator, log, gateway } = await startIssuingGateway(t, {
    onLeakedAuthenticationToken: 'revoke',
  })
  await sessionFor('checkout')
  const [leaked = ''] = simulator.liveAuthenticationTokens()
  await ask(leaked, '/api/orders/0a1b2c3d4e/')
  const sessions = [await sessionFor('checkout'), await sessionFor('balance')]
  for (const _ of [1, 2, 3]) t.equal((await ask(leaked, '/api/orders/0a1b2c3d4e/')).status, 403)
  for (const token of sessions) t.equal(await read(token), '200')
  await gateway.stop()
  t.equal(log.lines().filter(isLeak).length, 4)
})

t.test('an authentication token of somebody else is blocked, and no incident of ours', async t => {
  const { ask, simulator, log, gateway } = await startIssuingGateway(t)
  t.equal((await ask(simulator.issueAuthenticationToken(), '/api/orders/0a1b2c3d4e/')).status, 403)
  await gateway.stop()
  t.same(log.lines().filter(isLeak), [])
  const [blocked] = log.lines().filter(({ msg }) => msg === 'request')
  t.match(blocked, { level: 'warn', reason: 'authentication_token' })
})

for (const kind of ['client_id', 'client_secret'] as const) {
  t.test(`our ${kind} in a request with a good session is blocked and told of, and ends no session`, async t => {
    const bench = await startIssuingGateway(t, { onLeakedAuthenticationToken: 'revoke' })
    const { ask, read, sessionFor, simulator, log, gateway } = bench
    const token = await sessionFor('checkout')
    const value = kind === 'client_id' ? simulator.clientId : simulator.clientSecret
    const reply = await ask(token, '/api/orders/0a1b2c3d4e/', undefined, { 'X-Debug': value })
    t.equal(reply.status, 403)
    t.equal(await read(token), '200')
    await gateway.stop()
    t.match(log.lines().filter(isLeak), [{ level: 'error', credential: kind }])
    t.notMatch(JSON.stringify(log.lines()), value)
  })
}
