import t from 'tap'
import type { Exchange } from '../../src/forwarding/exchange.ts'
import { createSharedReads, type Read, SessionReads } from '../../src/forwarding/shared-reads.ts'

const fields = ['Host', 'a', 'API-Version', '2025-08-04', 'X-KEY', '']
const aRead = (overrides: Partial<Read> = {}): Read => ({
  target: '/api/orders/abc/',
  clientAddress: '192.0.2.7',
  fields,
  ...overrides,
})
const exchange = {} as Exchange

for (const [how, other, isFound] of [
  ['the same fields', {}, true],
  ['tracing of its own', { fields: ['traceparent', '00-1', ...fields, 'x-DATADOG-trace-id', '7'] }, true],
  ['another target', { target: '/api/orders/abd/' }, false],
  ['another address', { clientAddress: '192.0.2.8' }, false],
  ['another value', { fields: ['Host', 'a', 'API-Version', '2024-01-08', 'X-KEY', ''] }, false],
  ['a field less', { fields: fields.slice(0, 4) }, false],
  ['another order', { fields: ['API-Version', '2025-08-04', 'Host', 'a', 'X-KEY', ''] }, false],
  ['another spelling', { fields: ['host', 'a', 'API-Version', '2025-08-04', 'X-KEY', ''] }, false],
] as const) {
  t.test(`a read with ${how} is ${isFound ? '' : 'not '}taken for the one under way`, async t => {
    const reads = new SessionReads()
    reads.add(aRead(), exchange)
    t.equal(reads.find(aRead(other)), isFound ? exchange : undefined)
  })
}

t.test('a read that is over is found no more, and takes no later one with it', async t => {
  const reads = new SessionReads()
  const [first, second] = [aRead(), aRead({ fields: [] })]
  reads.add(first, exchange)
  reads.add(second, exchange)
  reads.remove(first)
  t.equal(reads.find(aRead({ fields: [] })), exchange)
  reads.remove(second)
  t.equal(reads.find(aRead({ fields: [] })), undefined)
})

t.test('a session has its own reads, the same each time', async t => {
  const readsOf = createSharedReads()
  const [one, other] = [{}, {}]
  readsOf(one).add(aRead(), exchange)
  t.equal(readsOf(one).find(aRead()), exchange)
  t.equal(readsOf(other).find(aRead()), undefined)
})
