import t from 'tap'
import { aRequest } from '../fixtures/live-token.ts'
import { startNginx } from '../fixtures/nginx.ts'
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

t.test('nginx with its sample configuration', { skip: missingPart('nginx') }, async t => {
  const fronted = await startFronted(t, 'nginx', startNginx)
  await t.test('a client that asks too often is told when to come back', t => checkLimit(t, fronted))
  await t.test('each kind of refusal comes out with its status and envelope', t => checkRefusals(t, fronted))
  await t.test('an allowed request travels on as it came, but for the fields', t => checkForwarded(t, fronted))
  await t.test('answers of the upstream pass, traces go on, preflights are answered', t => checkAnswers(t, fronted))
  await t.test('bodies of both framings pass up to the limit', t => checkBodies(t, fronted))

  await t.test('what a client writes into fields of the contract is replaced', async t => {
    const lines = ['X-Original-Method: POST', 'X-Original-URI: /api/orders/abc/', 'X-Original-Content-Length: 1']
    const wrong = await send(t, fronted, aRequest({ target: '/o/token/', lines }))
    t.same([wrong.answer.status, wrong.forwarded.length], [403, 0])
    const right = await send(t, fronted, aRequest({ lines: ['X-Original-URI: /o/token/', 'X-Forage-Status: 403'] }))
    t.same([right.answer.status, right.forwarded[0]?.target], [200, '/api/orders/abc/'])
  })

  await t.test('its own locations are not there for clients', async t => {
    for (const target of ['/_forage/decide', '/_forage/answer/204', '/_forage/own/502', '/x/../_forage/answer/204']) {
      const { answer, forwarded } = await send(t, fronted, aRequest({ target }))
      t.same([answer.status, JSON.parse(answer.body).errors[0].code], [400, 'invalid_request'], target)
      t.equal(forwarded.length, 0)
    }
  })

  await t.test('a field that Connection names is not forwarded by mistake', async t => {
    const { answer, forwarded } = await send(t, fronted, aRequest({ lines: ['Connection: X-A', 'X-A: 1'] }))
    t.same([answer.status, forwarded.length], [400, 0])
  })

  await t.test('two lengths, and two hosts, are refused by nginx itself', async t => {
    for (const lines of [['Content-Length: 1', 'Transfer-Encoding: chunked'], ['Host: b']]) {
      const { answer, forwarded } = await send(t, fronted, aRequest({ lines }))
      t.same([answer.status, JSON.parse(answer.body).errors[0].code], [400, 'invalid_request'])
      t.equal(forwarded.length, 0)
    }
  })

  await t.test('without an answer of the gateway, nothing is forwarded', t => checkFailsClosed(t, fronted))
})
