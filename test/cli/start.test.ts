import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import t, { type Test } from 'tap'
import { finePolicy, writeConfig } from '../config/a-config.ts'
import { demoSecret } from './a-token.ts'
import { runCommand, startCommand } from './run-command.ts'

function aConfig(t: Test, port = 0, admin = 'null'): string {
  return writeConfig(
    t,
    `environment: mock
listen: { host: 127.0.0.1, port: ${port} }
admin: ${admin}
upstream: { api: "http://127.0.0.1:9" }
session: { verify: signature, jwt: { secret: { value: ${demoSecret} } } }
${finePolicy}
log: { level: silent }
drainTimeoutMs: 0
`,
  )
}

async function takePort(t: Test): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

for (const signal of ['SIGTERM', 'SIGINT']) {
  t.test(`start prints one line when it listens, and ${signal} ends it with 0`, async t => {
    const running = startCommand(['start', '--config', aConfig(t)])
    await running.until('\n')
    const line =
      /^forage-gateway 0\.1\.0 listening on (http:\/\/127\.0\.0\.1:\d+) \(environment mock, upstream http:\/\/127\.0\.0\.1:9, no admin listener, sessions verified by signature: each token was made by a holder of a key that is configured here\)\n$/
    const [, url = ''] = line.exec(running.out()) ?? []
    t.match(running.out(), line)
    t.equal((await fetch(`${url}/api/orders/x/`)).status, 401)

    running.signals.emit('SIGHUP')
    t.equal((await fetch(`${url}/api/orders/x/`)).status, 401, 'it goes on after SIGHUP')

    running.signals.emit(signal)
    t.equal(await running.exit, 0)
    t.equal(running.signals.eventNames().length, 3, 'only the listeners for a second signal, or a fault, are left')
  })
}

t.test('a port that is taken is a wrong configuration', async t => {
  const port = await takePort(t)
  t.match(await runCommand(['start', '--config', aConfig(t, port)]), { code: 78, out: '', err: `port ${port}` })
})

t.test('start says where operators reach it, and what the mode proves', async t => {
  const running = startCommand(['start', '--config', aConfig(t, 0, '{ port: 0 }')])
  await running.until('\n')
  const [, admin = ''] = /, admin (http:\/\/127\.0\.0\.1:\d+), sessions verified by/.exec(running.out()) ?? []
  t.match(await (await fetch(`${admin}/status`)).json(), { proves: /holder of a key/ })
  running.signals.emit('SIGTERM')
  t.equal(await running.exit, 0)
})

t.test('a port of the admin listener that is taken is a wrong configuration, and nothing stays behind', async t => {
  const port = await takePort(t)
  t.match(await runCommand(['start', '--config', aConfig(t, 0, `{ port: ${port} }`)]), {
    code: 78,
    out: '',
    err: /another program uses it\. .* set admin\.port/,
  })
})

t.test('a configuration that is not fit to run starts nothing', async t => {
  t.match(await runCommand(['start', '--config', writeConfig(t, 'environment: mock')]), {
    code: 78,
    out: '',
    err: /3 problems/,
  })
})
