import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { adminToken } from '../fixtures/admin-client.ts'
import { aConfig } from '../fixtures/config.ts'
import { startGateway } from '../fixtures/gateway.ts'
import { at, send } from '../fixtures/http-client.ts'
import { aLiveToken } from '../fixtures/live-token.ts'
import { missingPart } from '../fixtures/real-part.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { until } from '../fixtures/until.ts'

const admin = { host: '127.0.0.1', port: 0, token: Buffer.from(adminToken) }

/** A Prometheus that scrapes a gateway ten times a second, with the alert rules; it ends with the test. @returns its URL */
async function startPrometheus(t: Test, gatewayUrl: string): Promise<string> {
  const config = {
    global: { scrape_interval: '100ms', scrape_timeout: '100ms', evaluation_interval: '100ms' },
    rule_files: [resolve('deploy/prometheus/alerts.yaml')],
    scrape_configs: [{ job_name: 'gateway', static_configs: [{ targets: [new URL(gatewayUrl).host] }] }],
  }
  const folder = t.testdir({ 'prometheus.yaml': JSON.stringify(config), data: {} })
  const child = spawn('prometheus', [
    `--config.file=${folder}/prometheus.yaml`,
    `--storage.tsdb.path=${folder}/data`,
    '--web.listen-address=127.0.0.1:0',
    '--enable-feature=exemplar-storage',
  ])
  t.teardown(async () => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  return `http://${await addressOf(child)}`
}

/** It says in its log where it listens. */
async function addressOf({ stderr }: ChildProcess): Promise<string> {
  const heard: string[] = []
  for await (const line of createInterface({ input: stderr as NonNullable<typeof stderr> })) {
    const address = /msg="Listening on" address=(\S+)/.exec(line)?.[1]
    if (address !== undefined) {
      stderr?.resume()
      return address
    }
    heard.push(line)
  }
  throw new Error(heard.join('\n'))
}

async function api(url: string, path: string) {
  const { text } = await send({ ...at(url), path: `/api/v1/${path}` })
  // It answers 503 in plain text until it is ready.
  return text.startsWith('{') ? JSON.parse(text).data : undefined
}

t.test(
  'Prometheus takes up the metrics with their traces, and the alert rules',
  { skip: missingPart('prometheus') },
  async t => {
    const recorder = await startRecorder(t)
    const gateway = await startGateway(t, aConfig(recorder.url, { admin }))
    const traceId = '0af7651916cd43dd8448eb211c80319c'
    const headers = { Authorization: `Bearer ${aLiveToken()}`, traceparent: `00-${traceId}-b7ad6b7169203331-01` }
    t.equal((await send({ ...at(gateway.url), path: '/api/orders/abc/', headers })).status, 200)
    const prometheus = await startPrometheus(t, gateway.adminUrl)
    const name = 'forage_gateway_request_duration_seconds'
    const exemplars = await until(
      () => api(prometheus, `query_exemplars?query=${name}_bucket&start=0&end=99999999999`),
      found => found?.length > 0,
    )
    t.match(exemplars, [
      { seriesLabels: { route: '/api/orders/{ref}/' }, exemplars: [{ labels: { trace_id: traceId } }] },
    ])
    // A scrape may have told its exemplars and not yet its samples.
    const { result } = await until(
      () => api(prometheus, 'query?query=forage_gateway_requests_total'),
      found => found?.result.length > 0,
    )
    t.match(result, [
      {
        metric: { route: '/api/orders/{ref}/', method: 'GET', status: '200', decision: 'allow' },
        value: [Number, '1'],
      },
    ])
    const { groups } = await until(
      () => api(prometheus, 'rules'),
      found => found?.groups.every(({ rules }: RuleGroup) => rules.every(({ health }) => health === 'ok')),
    )
    t.equal(groups.length, 5)
  },
)

interface RuleGroup {
  readonly rules: readonly { readonly health: string }[]
}
