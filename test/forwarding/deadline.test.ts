import t from 'tap'
import { Deadline } from '../../src/forwarding/deadline.ts'

const passed = (delayMs: number) => new Promise(resolve => setTimeout(resolve, delayMs))

t.test('a deadline passes once, as late as it was last put off', async t => {
  let count = 0
  await new Promise<void>(resolve => {
    const deadline = new Deadline(() => {
      count++
      resolve()
    }, 10_000)
    deadline.restart(5)
    deadline.refresh()
  })
  t.equal(count, 1)
})

t.test('a deadline that was called off never passes', async t => {
  let count = 0
  const deadline = new Deadline(() => count++, 1)
  deadline.callOff()
  await passed(10)
  t.equal(count, 0)
})
