/*
 * A key server that answers anything but 200 left a body that was destroyed with nobody to listen to its error: the
 * error ended the process. Whoever could make the key server answer 404, or a deployment of it, stopped every gateway.
 */
import { createServer } from 'node:http'
import t from 'tap'
import { createJwtSigner } from '../fixtures/jwt-signer.ts'
import { listenOnLoopback } from '../fixtures/recorder.ts'
import { someKeys, someSessions, verdictOn } from '../fixtures/sessions.ts'

const now = 1_800_000_000

t.test('a key server that answers 404 with a body refuses tokens for now, and ends nothing', async t => {
  const url = await listenOnLoopback(
    t,
    createServer((_request, response) => void response.writeHead(404).end('x'.repeat(200_000))),
  )
  const jwt = { algorithms: ['ES256'], issuer: null, audience: null, jwksUrl: url } as const
  const failures: unknown[] = []
  const onKeyFailure = (error: unknown) => void failures.push(error)
  const sessions = await someSessions({ now }, { jwt }, { keys: { ...someKeys, jwtSecrets: [] }, onKeyFailure })
  const token = createJwtSigner('ES256').token({ claims: { a: 42, exp: now + 600 } })
  t.equal(await verdictOn(sessions, token, now), 'overloaded')
  for (let turn = 0; turn < 10; turn++) await new Promise(resolve => setImmediate(resolve))
  t.match(failures, [{ message: 'status 404' }])
})
