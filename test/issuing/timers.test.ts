import t from 'tap'
import { systemTimers } from '../../src/issuing/timers.ts'

t.test('the system calls back once, and not when it was called off', async t => {
  const calledOff: string[] = []
  systemTimers.after(1, () => calledOff.push('no'))()
  // An unreferenced timer does not keep a test alive: something else must.
  const alive = setInterval(() => {}, 1000)
  await new Promise<void>(resolve => void systemTimers.after(2, resolve))
  clearInterval(alive)
  t.same(calledOff, [])
})
