import t from 'tap'
import { startCaddy } from '../fixtures/caddy.ts'
import { aRequest } from '../fixtures/live-token.ts'
import { missingPart } from '../fixtures/real-part.ts'
import {
  checkAnswers,
  checkBodies,
  checkFailsClosed,
  checkForwarded,
  checkLimit,
  checkRefusals,
} from './front-checks.ts'
import { send, startFronted } from './front-scenarios.ts'

t.test('Caddy with its sample configuration', { skip: missingPart('caddy') }, async t => {
  const fronted = await startFronted(t, 'caddy', startCaddy)
  await t.test('a client that asks too often is told when to come back', t => checkLimit(t, fronted))
  await t.test('each kind of refusal comes out with its status and envelope', t => checkRefusals(t, fronted))
  await t.test('an allowed request travels on as it came, but for the fields', t => checkForwarded(t, fronted))
  await t.test('answers of the upstream pass, traces go on, preflights are answered', t => checkAnswers(t, fronted))
  await t.test('bodies of both framings pass up to the limit', t => checkBodies(t, fronted))

  await t.test('what a client writes into fields of the contract is replaced', async t => {
    const lines = ['X-Forwarded-Method: POST', 'X-Forwarded-Uri: /api/orders/abc/', 'X-Forwarded-Proto: ftp']
    const wrong = await send(t, fronted, aRequest({ target: '/o/token/', lines }))
    t.same([wrong.answer.status, wrong.forwarded.length], [403, 0])
    const right = await send(t, fronted, aRequest({ lines: ['X-Forwarded-Uri: /o/token/', 'X-Forage-Vary: a'] }))
    t.same([right.answer.status, right.forwarded[0]?.target], [200, '/api/orders/abc/'])
  })

  await t.test('a Connection that names fields is refused: Go would take them away', async t => {
    for (const name of ['X-A', 'Authorization', 'X-Request-Id']) {
      const { answer, forwarded } = await send(t, fronted, aRequest({ lines: [`Connection: close, ${name}`] }))
      t.same([answer.status, forwarded.length], [400, 0], name)
    }
    const two = aRequest({ lines: ['Connection: close', 'Connection: Idempotency-Key'] })
    t.equal((await send(t, fronted, two)).answer.status, 400)
    t.equal((await send(t, fronted, aRequest({ lines: ['Connection: Keep-Alive'] }))).answer.status, 200)
  })

  await t.test('without an answer of the gateway, nothing is forwarded', t => checkFailsClosed(t, fronted))
})
