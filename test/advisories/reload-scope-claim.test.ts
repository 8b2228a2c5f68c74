/*
 * Weakness: a reload took up a policy but for the name of the claim that narrows a grant, which was read once at the start.
 * A policy that began to honour such a claim was in force, by its digest, and narrowed nothing until a restart. Met before it
 * was released.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../src/config/load-config.ts'
import { startGateway } from '../fixtures/gateway.ts'
import { at, send } from '../fixtures/http-client.ts'
import { aLiveToken } from '../fixtures/live-token.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { testSecret } from '../fixtures/token.ts'

const policy = (claim: string) =>
  `scopes: { orders: ["GET /api/orders/{ref}/"], payments: ["GET /api/payments/{ref}/"] }\ngrants: { default: [orders, payments], claim: ${claim} }\n`

t.test('a claim that a reloaded policy begins to honour narrows sessions that were known before', async t => {
  const recorder = await startRecorder(t)
  const text = `environment: sandbox
listen: { host: 127.0.0.1, port: 0 }
admin: null
upstream: { api: ${recorder.url} }
session: { verify: signature, jwt: { secret: { file: secret } } }
log: { level: silent }
`
  const folder = t.testdir({ 'gateway.yaml': text, 'policy.yaml': policy('other'), secret: testSecret.toString() })
  const gateway = await startGateway(t, loadConfig(join(folder, 'gateway.yaml')))
  const headers = { Authorization: `Bearer ${aLiveToken({ scope: 'payments' })}` }
  const read = async () => (await send({ ...at(gateway.url), path: '/api/orders/abc/', headers })).status
  t.equal(await read(), 200)
  writeFileSync(join(folder, 'policy.yaml'), policy('scope'))
  t.equal(await gateway.reload(), 'success')
  t.equal(await read(), 403)
})
