import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../src/config/load-config.ts'
import { denials, type Reason } from '../../src/gate/reasons.ts'
import { runCommand } from '../cli/run-command.ts'
import { startGateway } from '../fixtures/gateway.ts'
import { sendRaw } from '../fixtures/raw-client.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { testSecret } from '../fixtures/token.ts'
import { type VerdictCase, verdictCases, verdictConfig } from '../fixtures/verdict-cases.ts'
import { withoutLimits } from '../fixtures/without-limits.ts'

const now = Math.floor(Date.now() / 1000)
const cases = verdictCases(now).filter(({ wireless }) => !wireless)

/** The configuration of the table as an operator would write it: a file, a secret beside it, a loopback upstream. */
function writeConfig(folder: string, api: string): string {
  const file = join(folder, 'gateway.yaml')
  writeFileSync(join(folder, 'session.secret'), testSecret)
  const document = {
    environment: 'sandbox',
    listen: { host: '127.0.0.1', port: 0 },
    ...withoutLimits(api),
    session: { verify: 'signature', jwt: { secret: { file: 'session.secret' } } },
    policy: { file: resolve('config/policy.yaml') },
    admin: null,
    merchantAccounts: verdictConfig.merchantAccounts,
    log: { level: 'silent' },
    drainTimeoutMs: 1000,
  }
  writeFileSync(file, JSON.stringify(document))
  return file
}

function rawRequest({ method, target, fields }: VerdictCase): Buffer {
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const announced = fields.find(([name]) => name.toLowerCase() === 'content-length')?.[1]
  const length = announced === undefined || !/^\d+$/.test(announced) ? 0 : Number(announced)
  return Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines}\r\n${'x'.repeat(length)}`, 'latin1')
}

/** What a client must be able to rely on in every refusal. */
function expectedAnswer(reason: Reason) {
  const { status, code, resource } = denials[reason]
  return { status, error: { code, resource, ref: '', count: 1 } }
}

function readEnvelope(body: string) {
  const { errors } = JSON.parse(body)
  return { code: errors[0].code, ...errors[0].source, count: errors.length }
}

t.test(
  'a live gateway and explain give every verdict of the table, and nothing of a refused request goes out',
  async t => {
    const recorder = await startRecorder(t)
    const file = writeConfig(t.testdir(), recorder.url)
    const gateway = await startGateway(t, loadConfig(file))

    for (const row of cases.filter(({ outcome }) => outcome === 'deny')) {
      const { status, fields, body } = await sendRaw(gateway.url, rawRequest(row))
      const expected = expectedAnswer(row.reason as Reason)
      t.equal(status, expected.status, row.name)
      // The answer to HEAD has no body that could say more.
      if (row.method !== 'HEAD') t.same(readEnvelope(body), expected.error, row.name)
      t.match(fields.get('x-request-id'), /^[0-9a-f]{32}$/)
    }
    t.same([recorder.requests, recorder.connections()], [[], 0], 'the upstream saw no connection for any of them')

    for (const row of cases.filter(({ outcome }) => outcome === 'allow')) {
      const { status } = await sendRaw(gateway.url, rawRequest(row))
      t.equal(status, 200, row.name)
      t.match(recorder.requests.at(-1), { method: row.method, target: row.target }, 'forwarded as it came')
    }

    // `explain` adds a Host where none is given, so that nobody has to type one.
    const explainable = cases.filter(({ fields }) => fields.some(([name]) => name.toLowerCase() === 'host'))
    for (const { name, method, target, fields, outcome, reason } of explainable) {
      const lines = fields.flatMap(([field, value]) => ['-H', `${field}: ${value}`])
      const { code, out } = await runCommand(['explain', '--config', file, '--json', ...lines, '--', method, target])
      const explained = JSON.parse(out)
      t.same(
        [code, explained.verdict, explained.reason ?? undefined],
        [outcome === 'allow' ? 0 : 1, outcome, reason],
        name,
      )
    }
  },
)
