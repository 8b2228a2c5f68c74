import t from 'tap'
import { ExecutionLog, maxExecutions } from '../../src/simulator/executions.ts'

t.test('the log keeps the latest executions and counts all of them', async t => {
  const log = new ExecutionLog()
  const total = maxExecutions * 1.1 + 1
  for (let index = 1; index <= total; index += 1) {
    log.add({ method: 'GET', path: `/${index}`, idempotencyKey: null, bodySha256: '', status: 200 })
  }
  t.equal(log.count, 11_001)
  t.equal(log.entries.length, 10_000)
  t.equal(log.entries.at(-1)?.path, '/11001')
  log.clear()
  t.same([log.count, log.entries.length], [0, 0])
})
