import t from 'tap'
import { Deadline } from '../../src/forwarding/deadline.ts'

/** A deadline, and when it passed. */
function aDeadline(delayMs: number): { deadline: Deadline; passed: Promise<number>; count: () => number } {
  let count = 0
  let tell: (atMs: number) => void
  const passed = new Promise<number>(resolve => {
    tell = resolve
  })
  const deadline = new Deadline(() => {
    count++
    tell(performance.now())
  }, delayMs)
  return { deadline, passed, count: () => count }
}

t.test('a deadline passes once, and not before its time', async t => {
  const begun = performance.now()
  const { passed, count } = aDeadline(60)
  t.ok((await passed) - begun >= 60)
  await aDeadline(1).passed
  t.equal(count(), 1)
})

t.test('one that is begun while others run does not pass before its time either', async t => {
  const others = aDeadline(10_000)
  for (let round = 0; round < 20; round++) {
    const begun = performance.now()
    t.ok((await aDeadline(round).passed) - begun >= round)
  }
  others.deadline.callOff()
})

t.test('one that is put off passes after the others, and with another delay sooner or later', async t => {
  const order: string[] = []
  const late = new Promise<void>(resolve => {
    // Those that pass in the same moment do so in the order in which they were begun.
    new Deadline(() => {
      order.push('first')
      put.restart(100)
    }, 1)
    const sooner = new Deadline(() => order.push('sooner'), 10_000)
    sooner.restart(1)
    new Deadline(() => put.refresh(), 80)
    const put = new Deadline(() => {
      order.push('put off')
      resolve()
    }, 30)
  })
  await late
  t.same(order, ['first', 'sooner', 'put off'])
})

t.test('a deadline that was called off never passes, also by one that passes in the same moment', async t => {
  const first = new Deadline(() => second.deadline.callOff(), 1)
  const second = aDeadline(1)
  const third = aDeadline(1)
  third.deadline.callOff()
  third.deadline.callOff()
  await aDeadline(50).passed
  t.equal(second.count(), 0)
  t.equal(third.count(), 0)
  first.callOff()
})

t.test('one that is put off by another in the moment in which it would pass does not pass then', async t => {
  new Deadline(() => put.deadline.restart(10_000), 1)
  const put = aDeadline(1)
  await aDeadline(50).passed
  t.equal(put.count(), 0)
  put.deadline.callOff()
})

/** Nothing else runs meanwhile. */
function pause(forMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs)
}

t.test('a pause of the process does not use it up', async t => {
  const { passed, count } = aDeadline(300)
  await aDeadline(1).passed
  const paused = performance.now()
  pause(1000)
  const after = aDeadline(50)
  t.equal(count(), 0)
  t.ok((await after.passed) - paused >= 1050, 'one that is begun after it has all of its time')
  t.equal(count(), 0)
  t.ok((await passed) - paused >= 1100)
})
