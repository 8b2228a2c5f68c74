import t from 'tap'
import { Alarm } from '../../src/limits/alarm.ts'
import { createTestClock } from './a-budget.ts'

t.test('an alarm rings once, at the moment that was set last', async t => {
  const clock = createTestClock()
  const rung: number[] = []
  const alarm = new Alarm(clock.setTimer, () => rung.push(clock.now()))
  alarm.setFor(100, clock.now())
  alarm.setFor(50, clock.now())
  alarm.setFor(50, clock.now())
  t.equal(clock.timers, 1)
  clock.advance(200)
  t.same(rung, [50])
})

t.test('an alarm for never does not ring', async t => {
  const clock = createTestClock()
  const alarm = new Alarm(clock.setTimer, () => t.fail('rang'))
  alarm.setFor(100, clock.now())
  alarm.setFor(Number.POSITIVE_INFINITY, clock.now())
  t.equal(clock.timers, 0)
  clock.advance(200)
})

t.test('a moment that has passed, or is a part of a millisecond away, is rung for after a whole one', async t => {
  for (const at of [-5, 0, 0.2, 1]) {
    const clock = createTestClock()
    let rungAt = Number.NaN
    new Alarm(clock.setTimer, () => {
      rungAt = clock.now()
    }).setFor(at, 0)
    clock.advance(5)
    t.equal(rungAt, 1)
  }
})
