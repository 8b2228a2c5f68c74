import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { startGatewayProcess } from '../fixtures/gateway-process.ts'
import { at, send } from '../fixtures/http-client.ts'
import { aLiveToken } from '../fixtures/live-token.ts'
import { missingExtra } from '../fixtures/real-part.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { withoutLimits } from '../fixtures/without-limits.ts'

const load = ['-c', '200', '-r', '200', '-l', '8', '-p', '5']
const modes = {
  'slow heads': ['-H', '-i', '1', '-x', '24'],
  'slow bodies': ['-B', '-i', '1', '-s', '8192', '-x', '10'],
  'slow reading': ['-X', '-k', '10', '-n', '1', '-w', '10', '-y', '20', '-z', '5'],
}
/** It has no option for a field of one's own; what follows the value of another does as well. */
const authorization = ['-m', `*/*\r\nAuthorization: Bearer ${aLiveToken()}`]

t.jobs = 3
for (const [name, options] of Object.entries(modes)) {
  const skip = missingExtra('slowhttptest')
  t.test(`200 clients with ${name} keep nobody else from being served`, { skip, buffered: true }, async t => {
    // Answers that do not fit into what a client says it can take.
    const upstream = await startRecorder(t, (_request, response) => response.end('x'.repeat(32_768)))
    const { url: api } = upstream
    const gateway = await startGatewayProcess(t, { folder: t.testdir(), api, config: withoutLimits(api) })
    const path = name === 'slow bodies' ? '/api/payments/' : '/api/orders/a/'
    const attack = spawn('slowhttptest', [...options, ...authorization, ...load, '-u', `${gateway.url}${path}`], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    t.teardown(() => void attack.kill('SIGKILL'))
    let report = ''
    attack.stdout.on('data', chunk => {
      report += chunk
    })
    attack.stderr.resume()
    let isOver = false
    const over = once(attack, 'exit').then(() => {
      isOver = true
    })
    const target = {
      ...at(gateway.url),
      path: '/api/orders/a/',
      headers: { authorization: `Bearer ${aLiveToken()}` },
    }
    const statuses: Record<number, number> = {}
    let slowestMs = 0
    while (!isOver) {
      const startedAt = performance.now()
      const { status } = await send(target)
      statuses[status] = (statuses[status] ?? 0) + 1
      slowestMs = Math.max(slowestMs, performance.now() - startedAt)
    }
    await over
    t.same(Object.keys(statuses), ['200'], JSON.stringify(statuses))
    t.ok(slowestMs < 4000, `the slowest of ${statuses[200]} took ${Math.round(slowestMs)} ms`)
    t.match(report, /connected:\s+\S*\d/, 'the attack took place')
    t.notMatch(report, /service available:\s+(?:\x1b\[[\d;]*m)*NO/)
  })
}
