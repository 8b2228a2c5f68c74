import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import process from 'node:process'
import t, { type Test } from 'tap'
import { aLiveToken } from '../fixtures/live-token.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { testSecret } from '../fixtures/token.ts'

/** What each program answers a session token that reads an order. */
const answers: Readonly<Record<string, object>> = {
  connect: { scope: 'orders' },
  express: { scope: 'orders' },
  fastify: { scope: 'orders' },
  'http-proxy': { ok: true },
  'node-http': { scope: 'orders' },
}

async function startExample(t: Test, name: string, upstream: string) {
  const env = { ...process.env, PORT: '0', UPSTREAM: upstream, FORAGE_SESSION_SECRET: testSecret.toString() }
  const child = spawn(process.execPath, [`examples/${name}/server.mjs`], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  t.teardown(() => void child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (output += chunk))
  const ended = once(child, 'exit').then(([code, signal]) => code ?? signal)
  while (!/listening on (\S+)/.test(output)) {
    const how = await Promise.race([ended, once(child.stdout, 'data')])
    if (!Array.isArray(how)) throw new Error(`${name} ended with ${how}: ${output}`)
  }
  return { url: /listening on (\S+)/.exec(output)?.[1] as string, child, ended }
}

t.test('the examples stand on the package as it is built', async t => {
  t.ok(existsSync('dist/hosts/connect.js'), 'dist is there; if not: npm run build')
})

t.test('every example is run below', async t => {
  const programs = readdirSync('examples', { withFileTypes: true }).filter(entry =>
    existsSync(`examples/${entry.name}/server.mjs`),
  )
  t.same(programs.map(({ name }) => name).sort(), Object.keys(answers))
})

for (const [name, body] of Object.entries(answers)) {
  t.test(
    `examples/${name} refuses whoever has no session token, serves whoever has one, and ends when told`,
    async t => {
      const recorder = await startRecorder(t)
      const { url, child, ended } = await startExample(t, name, recorder.url)
      const refused = await fetch(`${url}/api/orders/abc/`)
      t.equal(refused.status, 401)
      t.match(await refused.json(), { path: '/api/orders/abc/', errors: [{ code: 'unauthorized' }] })
      const served = await fetch(`${url}/api/orders/abc/`, {
        headers: { Authorization: `Bearer ${aLiveToken()}`, Connection: 'close' },
      })
      t.same([served.status, await served.json()], [200, body])
      t.match(served.headers.get('x-request-id'), /^[0-9a-f]{32}$/)
      child.kill('SIGTERM')
      t.equal(await ended, 0)
    },
  )
}
