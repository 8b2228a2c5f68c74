import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../src/config/load-config.ts'
import { denials } from '../../src/gate/reasons.ts'
import { createGateFromConfig } from '../../src/gateway.ts'
import { runCommand } from '../cli/run-command.ts'
import { aHead } from '../fixtures/gate.ts'
import { startGateway } from '../fixtures/gateway.ts'
import { sendRaw } from '../fixtures/raw-client.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { type TokenWorld, tokenWorlds } from '../fixtures/token-cases.ts'
import { withoutLimits } from '../fixtures/without-limits.ts'

const now = Math.floor(Date.now() / 1000)
const worlds = tokenWorlds(now)
const order = '/api/orders/9kx72hbd31/'

/** The configuration of a world as an operator would write it. */
function writeConfig(folder: string, { session, files }: TokenWorld, api: string): string {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const document = {
    environment: 'sandbox',
    listen: { host: '127.0.0.1', port: 0 },
    admin: null,
    ...withoutLimits(api),
    session,
    policy: { file: resolve('config/policy.yaml') },
    log: { level: 'silent' },
    drainTimeoutMs: 1000,
  }
  const file = join(folder, 'gateway.yaml')
  writeFileSync(file, JSON.stringify(document))
  return file
}

t.test('the table has at least 120 tokens, of which a fifth is valid, and no sentence twice in a world', async t => {
  const cases = worlds.flatMap(world => world.cases)
  t.ok(cases.length >= 120, `${cases.length} cases`)
  t.ok(cases.filter(({ reason }) => reason === undefined).length >= 24)
  for (const { name, cases } of worlds) t.equal(new Set(cases.map(row => row.name)).size, cases.length, name)
})

for (const world of worlds) {
  t.test(`${world.name}: the decision, a live gateway and explain come to the same verdicts`, async t => {
    const recorder = await startRecorder(t)
    const file = writeConfig(t.testdir(), world, recorder.url)
    const config = loadConfig(file, {})

    const gate = await createGateFromConfig(config, () => now)
    for (const { name, token, reason } of world.cases) {
      const fields = ['Host', 'api.sandbox.example', 'Authorization', `Bearer ${token}`]
      const decision = await gate.decide(aHead({ target: order, fields }))
      t.equal(decision.outcome === 'deny' ? decision.reason : undefined, reason, `decide: ${name}`)
    }

    const wired = world.cases.filter(({ wireless }) => !wireless)
    const gateway = await startGateway(t, config)
    let forwarded = 0
    for (const { name, token, reason } of wired) {
      const head = `GET ${order} HTTP/1.1\r\nHost: api.sandbox.example\r\nAuthorization: Bearer ${token}\r\n\r\n`
      const { status, body, text } = await sendRaw(gateway.url, Buffer.from(head, 'latin1'))
      if (reason === undefined) t.equal(status, 200, `live: ${name}`)
      else
        t.same(
          [status, JSON.parse(body).errors[0].code],
          [denials[reason].status, denials[reason].code],
          `live: ${name}`,
        )
      if (token.length > 30) t.notOk(text.includes(token.slice(-25)), 'no token is echoed')
      forwarded += reason === undefined ? 1 : 0
    }
    t.equal(recorder.requests.length, forwarded, 'the upstream saw the valid ones only')

    for (const { name, token, reason } of wired) {
      const args = ['explain', '--config', file, '--json', `--token=${token}`, '--', 'GET', order]
      const { code, out } = await runCommand(args)
      t.same([code, JSON.parse(out).reason ?? undefined], [reason === undefined ? 0 : 1, reason], `explain: ${name}`)
    }
  })
}
