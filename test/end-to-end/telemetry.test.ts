/* What is configured of log, audit trail, traces and authorizer does what it says, in a process as an operator starts it. */
import { readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { runCommand } from '../cli/run-command.ts'
import { type GatewayProcess, startGatewayProcess } from '../fixtures/gateway-process.ts'
import { at, send } from '../fixtures/http-client.ts'
import { aLiveToken } from '../fixtures/live-token.ts'
import { startOtlpReceiver } from '../fixtures/otlp-receiver.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { scrape } from '../fixtures/scrape.ts'
import { anAuthenticationToken } from '../fixtures/token.ts'
import { until } from '../fixtures/until.ts'

const adminToken = 'the admin token of the telemetry test'.replaceAll(' ', '-')
const auditKey = '0123456789abcdef0123456789abcdef-of-the-audit-trail'
const target = '/api/orders/abc/'

async function startTold(t: Test, workers: number) {
  const recorder = await startRecorder(t)
  const collector = await startOtlpReceiver(t)
  const folder = t.testdir({ 'admin.token': adminToken, 'audit.key': auditKey })
  const config = {
    workers,
    admin: { port: 0, token: { file: 'admin.token' } },
    audit: { destination: 'audit.log', key: { file: 'audit.key' } },
    tracing: { otlpEndpoint: collector.url },
    forwardAuth: { port: 0, front: 'caddy' },
    drainTimeoutMs: 2000,
  }
  const gateway = await startGatewayProcess(t, { folder, api: recorder.url, config })
  return { gateway, recorder, collector, folder }
}

async function read({ url }: Pick<GatewayProcess, 'url'>, token = aLiveToken()): Promise<number> {
  return (await send({ ...at(url), path: target, headers: { Authorization: `Bearer ${token}` } })).status
}

function linesOf(folder: string, ...files: string[]): readonly Record<string, unknown>[] {
  const text = files.map(file => readFileSync(join(folder, file), 'utf8')).join('')
  return text
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line))
}

for (const workers of [1, 2]) {
  t.test(
    `a gateway of ${workers} ${workers === 1 ? 'process' : 'workers'} tells of everything that it does, once`,
    async t => {
      const { gateway, collector, folder } = await startTold(t, workers)
      const authenticationToken = anAuthenticationToken()
      t.same(
        [await read(gateway), await read(gateway, authenticationToken), await read(gateway, 'nonsense')],
        [200, 403, 401],
      )
      const revoked = await send(
        {
          ...at(gateway.adminUrl),
          method: 'POST',
          path: '/revocations',
          headers: { Authorization: `Bearer ${adminToken}`, 'Content-Type': 'application/json' },
        },
        '{"useCase":"checkout"}',
      )
      t.equal(revoked.status, 200, revoked.text)
      await until(
        () => readFileSync(join(folder, 'audit.log'), 'utf8'),
        text => text.split('\n').length > 4,
      )

      for (const file of ['audit.log', 'access.log']) renameSync(join(folder, file), join(folder, `${file}.1`))
      gateway.process.kill('SIGUSR2')
      await until(
        () => {
          try {
            return readFileSync(join(folder, 'audit.log'), 'utf8')
          } catch {
            return ''
          }
        },
        text => text.includes('audit_reopened'),
      )
      t.equal(await read(gateway, 'nonsense'), 401)
      gateway.process.kill('SIGHUP')
      await until(
        () => scrape(gateway.adminUrl),
        ({ value }) => value('forage_gateway_config_generation') === 2,
      )
      await until(
        () => collector.spans.length,
        length => length >= 5,
      )
      gateway.process.kill('SIGTERM')
      t.equal(await gateway.exit, 0)

      const events = linesOf(folder, 'audit.log.1', 'audit.log')
      t.same(
        // Two workers answer at the same time.
        events.map(({ event }) => event).sort(),
        [
          'admin_call',
          'audit_reopened',
          'authentication_token_blocked',
          'configuration_loaded',
          'denied',
          'denied',
          'sessions_revoked',
          'started',
          'stopped',
        ],
      )
      const verified = await runCommand([
        ...['audit', 'verify', join(folder, 'audit.log.1'), join(folder, 'audit.log')],
        ...['--key-file', join(folder, 'audit.key')],
      ])
      t.equal(verified.code, 0, verified.out)
      const requests = linesOf(folder, 'access.log.1', 'access.log').filter(({ msg }) => msg === 'request')
      t.same(
        requests.map(({ status }) => status).sort(),
        [200, 401, 401, 403],
        'no line is lost or doubled by the rotation',
      )
      const statusOf = new Map(requests.map(line => [line.trace_id, line.status]))
      t.same(collector.spans.map(({ kind, traceId }) => `${kind} ${statusOf.get(traceId)}`).sort(), [
        '2 200',
        '2 401',
        '2 401',
        '2 403',
        '3 200',
      ])
      const told = ['audit.log.1', 'audit.log', 'access.log.1', 'access.log'].map(file =>
        readFileSync(join(folder, file), 'utf8'),
      )
      t.notMatch(told.join(''), authenticationToken.slice(8))
      t.notMatch(told.join(''), adminToken)
    },
  )
}

t.test('gateways that ask are answered on a listener of their own, with the same verdicts', async t => {
  const { gateway, folder } = await startTold(t, 1)
  const [, url = ''] = /authorizer for caddy (\S+?),/.exec(gateway.started) ?? []
  const question = {
    'X-Forwarded-Method': 'GET',
    'X-Forwarded-Proto': 'https',
    'X-Forwarded-Host': 'shop.example',
    'X-Forwarded-Uri': target,
    'X-Forwarded-For': '192.0.2.7',
  }
  const ask = (token: string) =>
    send({ ...at(url), path: '/decide', headers: { ...question, Authorization: `Bearer ${token}` } })
  t.equal((await ask(aLiveToken())).status, 200)
  t.equal((await ask(anAuthenticationToken())).status, 403)
  gateway.process.kill('SIGTERM')
  t.equal(await gateway.exit, 0)
  t.match(
    linesOf(folder, 'access.log').filter(({ msg }) => msg === 'request'),
    [
      { status: 200, client_address: '192.0.2.7' },
      { status: 403, reason: 'authentication_token' },
    ],
  )
})
