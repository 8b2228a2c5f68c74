import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { packageFile } from '../../src/config/package-files.ts'
import { fineSession, writeConfig } from '../config/a-config.ts'
import { aToken } from './a-token.ts'

const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))
const demo = packageFile('config', 'demo.yaml')

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [main, ...args], { env: { PATH: process.env.PATH, ...env } })
  let out = ''
  let err = ''
  child.stdout.on('data', chunk => (out += chunk))
  child.stderr.on('data', chunk => (err += chunk))
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, out, err }))
  return { child, ended }
}

async function run(args: readonly string[], stdin = ''): Promise<{ code: number | null; out: string; err: string }> {
  const { child, ended } = start(args)
  child.stdin.on('error', () => {}).end(stdin)
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
  child.stdout.destroy()
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
    const { child, ended } = start(['start', '--config', writeConfig(t, config)], { FORAGE_SESSION_SECRET: 'short' })
    const [line] = await once(child.stdout, 'data')
    t.match(String(line), /^forage-gateway .* listening on http:\/\/127\.0\.0\.1:\d+ .*\n$/)
    child.kill('SIGHUP')
    await once(child.stderr, 'data')
    child.kill(signal)
    t.match(await ended, { code: 0, err: /reload is not available yet/ })
  })
}
