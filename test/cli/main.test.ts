import { type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { packageFile } from '../../src/config/package-files.ts'
import { fineSession, writeConfig } from '../config/a-config.ts'
import { until } from '../fixtures/until.ts'
import { aToken } from './a-token.ts'

const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))
const demo = packageFile('config', 'demo.yaml')

interface Surroundings {
  readonly env?: NodeJS.ProcessEnv
  /** File that standard output goes to. Default: it is gathered. */
  readonly output?: string
}

function start(args: readonly string[], { env = {}, output }: Surroundings = {}) {
  const stdio: StdioOptions = ['pipe', output === undefined ? 'pipe' : openSync(output, 'w'), 'pipe']
  const child = spawn(process.execPath, [main, ...args], { env: { PATH: process.env.PATH, ...env }, stdio })
  let out = ''
  let err = ''
  child.stdout?.on('data', chunk => (out += chunk))
  child.stderr?.on('data', chunk => (err += chunk))
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, out, err }))
  return { child, ended }
}

async function run(args: readonly string[], stdin = '') {
  const { child, ended } = start(args)
  child.stdin?.on('error', () => {}).end(stdin)
  return ended
}

const order = ['GET', '/api/orders/0a1b2c3d4e/']

t.test('the exit codes of the program are those of the contract', async t => {
  t.match(await run(['--version']), { code: 0, out: '0.1.0\n', err: '' })
  t.match(await run(['check', '--config', demo]), { code: 0, err: '' })
  t.match(await run(['explain', '--config', demo, ...order, '--token', aToken()]), { code: 0 })
  t.match(await run(['explain', '--config', demo, ...order]), { code: 1 })
  t.match(await run(['token', 'inspect'], aToken()), { code: 0, out: /session token/ })
  t.match(await run(['chekc']), { code: 2, out: '' })
  t.match(await run(['check', '--config', '/absent.yaml']), { code: 78 })
})

t.test('output that nobody reads to its end is no fault', async t => {
  const { child, ended } = start(['schema'])
  child.stdout?.destroy()
  t.match(await ended, { code: 0, err: '' })
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`the running gateway ends with 0 on ${signal}`, async t => {
    const config = `environment: mock
listen: { host: 127.0.0.1, port: 0 }
admin: null
upstream: { api: "http://127.0.0.1:9" }
${fineSession}
policy: { file: ${JSON.stringify(packageFile('config', 'policy.yaml'))} }
`
    const { child, ended } = start(['start', '--config', writeConfig(t, config)], {
      env: { FORAGE_SESSION_SECRET: 'short' },
    })
    const [line] = await once(child.stdout as Readable, 'data')
    t.match(String(line), /^forage-gateway .* listening on http:\/\/127\.0\.0\.1:\d+ .*\n$/)
    child.kill('SIGHUP')
    const [logged] = await once(child.stdout as Readable, 'data')
    t.match(JSON.parse(String(logged)), { event: 'configuration_loaded', config_generation: 2 })
    child.kill(signal)
    t.match(await ended, { code: 0 })
  })
}

t.test('a full disk under its standard output does not keep the gateway from serving', async t => {
  const port = await freePort()
  const config = `environment: mock
listen: { host: 127.0.0.1, port: ${port} }
admin: null
upstream: { api: "http://127.0.0.1:9" }
${fineSession}
policy: { file: ${JSON.stringify(packageFile('config', 'policy.yaml'))} }
`
  const args = ['start', '--config', writeConfig(t, config)]
  const { child, ended } = start(args, { env: { FORAGE_SESSION_SECRET: 'short' }, output: '/dev/full' })
  const ask = () => fetch(`http://127.0.0.1:${port}/`).catch(() => undefined)
  const answer = await until(ask, reply => reply !== undefined)
  t.equal(answer?.status, 401)
  child.kill('SIGTERM')
  t.match(await ended, { code: 0, err: '' })
})

/** One that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
