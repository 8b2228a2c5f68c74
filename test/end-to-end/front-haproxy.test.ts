import t from 'tap'
import { aConfig } from '../fixtures/config.ts'
import { startGateway } from '../fixtures/gateway.ts'
import { startHaproxy } from '../fixtures/haproxy.ts'
import { aPost, aRequest } from '../fixtures/live-token.ts'
import { exchangeRaw } from '../fixtures/raw-connection.ts'
import { missingPart } from '../fixtures/real-part.ts'
import { startRecorder } from '../fixtures/recorder.ts'

t.test(
  'HAProxy with its sample configuration, and the gateway behind it',
  { skip: missingPart('haproxy') },
  async t => {
    const recorder = await startRecorder(t)
    const config = aConfig(recorder.url, { admin: { host: '127.0.0.1', port: 0, token: undefined } })
    const trusting = { ...config, listen: { ...config.listen, trustedProxies: ['127.0.0.0/8'] } }
    const gateway = await startGateway(t, trusting)
    const front = await startHaproxy(t, new URL(gateway.url), new URL(gateway.adminUrl), t.testdir())

    const allowed = await exchangeRaw(t, front.url, aRequest({ target: '/api/orders/abc/?a=%20b&c' }))
    t.same([allowed.status, recorder.requests[0]?.target], [200, '/api/orders/abc/?a=%20b&c'])
    const spoofed = ['X-Forwarded-For: 198.51.100.9', 'X-Forwarded-For: 198.51.100.10']
    t.equal((await exchangeRaw(t, front.url, aRequest({ lines: spoofed }))).status, 200)
    const { fields } = recorder.requests[1] ?? { fields: [] }
    const client = fields.filter((_, index) => fields[index - 1]?.toLowerCase() === 'x-forwarded-for')
    t.same(client, ['127.0.0.1'], 'what the client wrote is not believed')
    t.equal((await exchangeRaw(t, front.url, aPost('{}'))).status, 200)

    const before = recorder.requests.length
    for (const [message, status, code] of [
      ['GET /api/orders/abc/ HTTP/1.1\r\nHost: a\r\n\r\n', 401, 'unauthorized'],
      [aRequest({ target: '/o/token/' }), 403, 'forbidden'],
      [aRequest({ target: '/api//orders/abc/' }), 400, 'invalid_request'],
      [aRequest({ target: '/api/orders/..%2f' }), 400, 'invalid_request'],
    ] as const) {
      const answer = await exchangeRaw(t, front.url, message)
      t.same([answer.status, JSON.parse(answer.body).errors[0].code], [status, code])
    }
    for (const line of ['nonsense', 'Host: b'])
      t.equal(
        (await exchangeRaw(t, front.url, aRequest({ lines: [line] }))).status,
        400,
        'by HAProxy, with its own page',
      )
    t.equal(recorder.requests.length, before, 'nothing that was refused went out')

    await gateway.stop()
    const gone = await exchangeRaw(t, front.url, aRequest({}))
    t.same([gone.status, gone.field('retry-after')], [503, '1'])
    t.equal(JSON.parse(gone.body).errors[0].code, 'service_unavailable')
  },
)
