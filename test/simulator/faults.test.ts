import t from 'tap'
import { seededRefs } from '../../src/simulator/simulator.ts'
import { type Bench, json, refusal, startBench } from '../fixtures/simulator-client.ts'

const path = `/api/orders/${seededRefs.order}/`
const setFaults = { method: 'POST', path: '/__simulator/faults', token: null }

async function failure({ ask }: Bench): Promise<unknown> {
  return ask({ path }).then(
    reply => reply.status,
    error => error.code,
  )
}

for (const [status, title] of [
  [502, '502 Bad Gateway'],
  [503, '503 Service Temporarily Unavailable'],
  [504, '504 Gateway Time-out'],
  [520, '520'],
] as const) {
  t.test(`the load balancer answers ${status} with a page, as often as it was told`, async t => {
    const { simulator, ask } = await startBench(t)
    simulator.faults.failNext = { status, html: true, count: 2 }
    for (let count = 0; count < 2; count += 1) {
      const reply = await ask({ path })
      t.same([reply.status, reply.fields['content-type']], [status, 'text/html; charset=utf-8'])
      t.match(reply.text, `<h1>${title}</h1>`)
    }
    t.equal((await ask({ path })).status, 200)
    t.equal(simulator.executionCount, 1)
  })
}

t.test('a failure without a page has the envelope', async t => {
  const { simulator, ask } = await startBench(t)
  simulator.faults.failNext = { status: 503, html: false, count: 1 }
  t.same(refusal(await ask({ path })), [503, 'server_error', ''])
})

t.test('a reset comes before any byte, and nothing is executed', async t => {
  const bench = await startBench(t)
  bench.simulator.faults.resetNext = 1
  t.equal(await failure(bench), 'ECONNRESET')
  t.same([bench.simulator.executionCount, bench.simulator.requestCount], [0, 1])
  t.equal(await failure(bench), 200)
})

t.test('a reset in the middle of the body comes after the request was executed', async t => {
  const bench = await startBench(t)
  bench.simulator.faults.resetMidBody = 1
  t.equal(await failure(bench), 'ECONNRESET')
  t.equal(bench.simulator.executionCount, 1)
  t.equal(await failure(bench), 200)
})

t.test('half of the promised bytes arrive before a reset in the middle of the body', async t => {
  const { simulator } = await startBench(t)
  simulator.faults.resetMidBody = 1
  const reply = await fetch(`${simulator.url}/nothing/`)
  const promised = Number(reply.headers.get('content-length'))
  let received = 0
  await t.rejects(async () => {
    for await (const chunk of reply.body ?? []) received += chunk.length
  })
  t.equal(received, Math.floor(promised / 2))
})

t.test('an answer without a body is cut before its first byte', async t => {
  const bench = await startBench(t)
  bench.simulator.faults.resetMidBody = 1
  const body = { pin: '1234' }
  await t.rejects(bench.ask({ method: 'POST', path: `/api/payments/${seededRefs.payment}/collect_pin/`, body }), {
    code: 'ECONNRESET',
  })
})

t.test('a hanging request is not answered before the simulator stops', async t => {
  const bench = await startBench(t)
  bench.simulator.faults.hang = 1
  const hanging = failure(bench)
  while (bench.simulator.requestCount === 0) await new Promise(setImmediate)
  t.equal(await failure(bench), 200)
  await bench.simulator.close()
  t.equal(await hanging, 'ECONNRESET')
})

t.test('a throttled request is 429 with Retry-After, without a limit being reached', async t => {
  const { simulator, ask } = await startBench(t)
  simulator.faults.throttle = 1
  const reply = await ask({ path })
  t.same(refusal(reply), [429, 'too_many_requests', ''])
  t.equal(reply.fields['retry-after'], '1')
  t.equal((await ask({ path })).status, 200)
})

t.test('latency delays an answer, and ends when the client or the simulator goes', async t => {
  const bench = await startBench(t)
  bench.simulator.faults.latencyMs = 1
  t.equal(await failure(bench), 200)
  bench.simulator.faults.latencyMs = 3_600_000
  const waiting = failure(bench)
  while (bench.simulator.requestCount < 2) await new Promise(setImmediate)
  await bench.simulator.close()
  t.equal(await waiting, 'ECONNRESET')
  t.equal(bench.simulator.executionCount, 1)
})

t.test('a locked object can be read and not changed', async t => {
  const { simulator, ask } = await startBench(t)
  simulator.faults.lockedRefs.add(seededRefs.payment)
  const cancel = { method: 'POST', path: `/api/payments/${seededRefs.payment}/cancel/` }
  t.same(refusal(await ask(cancel)), [423, 'resource_locked', ''])
  t.equal((await ask({ path: `/api/payments/${seededRefs.payment}/` })).status, 200)
  simulator.faults.lockedRefs.clear()
  t.equal((await ask(cancel)).status, 200)
})

t.test('faults are set over HTTP without credentials, and the others stay', async t => {
  const { simulator, ask } = await startBench(t)
  simulator.faults.hang = 2
  const failNext = { status: 502, html: true, count: 3 }
  const reply = await ask({ ...setFaults, body: { failNext, lockedRefs: ['a'], throttle: 1 } })
  const expected = { latencyMs: 0, failNext, resetNext: 0, resetMidBody: 0, hang: 2, throttle: 1, lockedRefs: ['a'] }
  t.same([reply.status, json(reply)], [200, expected])
  t.same(simulator.faults.lockedRefs, new Set(['a']))
  t.match(json(await ask({ ...setFaults, body: { failNext: null } })), { failNext: null, hang: 2, lockedRefs: ['a'] })
})

for (const [body, error] of [
  ['x', 'the body is not a JSON object'],
  [{ hangs: 1 }, 'hangs: is not a fault'],
  [{ hang: -1 }, 'hang: has the wrong type'],
  [{ hang: '1' }, 'hang: has the wrong type'],
  [{ lockedRefs: [1] }, 'lockedRefs: has the wrong type'],
  [{ failNext: 500 }, 'failNext: has the wrong type'],
  [{ failNext: { status: 99, html: true, count: 1 } }, 'failNext: has the wrong type'],
  [{ failNext: { status: 500, html: true, count: 1, x: 1 } }, 'failNext: has the wrong type'],
  [Buffer.alloc(2_700_000, ' '), 'the body is not a JSON object'],
] as const) {
  t.test(`faults that are wrong change nothing: ${error}`, async t => {
    const { simulator, ask } = await startBench(t)
    const reply = await ask({ ...setFaults, body })
    t.same([reply.status, json(reply)], [400, { error }])
    t.equal(simulator.faults.hang, 0)
  })
}
