import t from 'tap'
import { createLoadMeter, shareOf } from '../../src/hosts/load-meter.ts'

t.test('a process that does nothing is hardly late, and has memory left', async t => {
  const meter = createLoadMeter()
  const before = meter.read()
  t.equal(before.delayMs, 0, 'without a measurement')
  t.ok(before.heap > 0 && before.heap < 0.8)
  t.ok(before.resident >= 0 && before.resident < 0.9)
})

t.test('a loop that is blocked is late by about that', async t => {
  const meter = createLoadMeter()
  meter.start()
  const turn = () => new Promise(resolve => setTimeout(resolve, 30))
  await turn()
  meter.read()
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500)
  await turn()
  const { delayMs } = meter.read()
  meter.stop()
  t.ok(delayMs > 500, `${delayMs} ms`)
})

for (const [resident, allowed, share] of [
  [90, 100, 0.9],
  [90, 0, 0],
  [90, undefined, 0],
] as const) {
  t.test(`${resident} of ${allowed} octets is a share of ${share}`, async t => {
    t.equal(shareOf(resident, allowed), share)
  })
}
