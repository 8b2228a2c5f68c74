// CVE-2026-29057. http-proxy 1.18.1 sets `Content-Length: 0` on a DELETE or OPTIONS request without that field and takes
// its `Transfer-Encoding` away, but still pipes the body. On a kept connection the upstream then reads the body as a
// request of its own: one that nobody checked, with whatever credentials the attacker wrote into it.
import t from 'tap'
import { aConfig, aPolicy } from '../fixtures/config.ts'
import { startGateway } from '../fixtures/gateway.ts'
import { startHttpProxy } from '../fixtures/http-proxy.ts'
import { sendRaw } from '../fixtures/raw-client.ts'
import { type Recorder, startRecorder } from '../fixtures/recorder.ts'
import { aToken } from '../fixtures/token.ts'

const token = aToken({ claims: { a: 1, exp: Math.floor(Date.now() / 1000) + 600 } })
const smuggled =
  'POST /api/payments/abc/refunds/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer stolen\r\nContent-Length: 0\r\n\r\n'

function attack(method: string): string {
  const head = `${method} /api/payment_methods/abc/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n`
  return `${head}Transfer-Encoding: chunked\r\n\r\n${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`
}

function seenBy({ requests }: Recorder): readonly string[] {
  return requests.map(({ method, target }) => `${method} ${target}`)
}

/** The second request is on its way when the first is answered: asks the upstream once more behind it. */
async function settle(recorder: Recorder): Promise<void> {
  await fetch(recorder.url, { method: 'HEAD' })
}

for (const method of ['DELETE', 'OPTIONS']) {
  t.test(`behind http-proxy 1.18.1 a chunked ${method} becomes two requests`, async t => {
    const recorder = await startRecorder(t)
    await sendRaw(await startHttpProxy(t, recorder.url), attack(method))
    await settle(recorder)
    t.same(seenBy(recorder).slice(0, 2), [`${method} /api/payment_methods/abc/`, 'POST /api/payments/abc/refunds/'])
  })

  t.test(`behind the gateway a chunked ${method} is one request, and what was smuggled is its body`, async t => {
    const recorder = await startRecorder(t)
    const scopes = { payment_methods: [`${method} /api/payment_methods/{ref}/`] }
    const policy = aPolicy({ scopes, grants: { default: ['payment_methods'] } })
    const gateway = await startGateway(t, aConfig(recorder.url, { policy }))
    t.equal((await sendRaw(gateway.url, attack(method))).status, 200)
    await settle(recorder)
    t.same(seenBy(recorder), [`${method} /api/payment_methods/abc/`, 'HEAD /'])
    t.equal(recorder.requests[0]?.body.toString(), smuggled)
  })
}
