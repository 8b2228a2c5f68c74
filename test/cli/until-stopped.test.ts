import { EventEmitter } from 'node:events'
import t from 'tap'
import type { Io } from '../../src/cli/command.ts'
import { untilStopped } from '../../src/cli/until-stopped.ts'

function anIo(): Io & { readonly signals: EventEmitter } {
  const sink = { write: () => true }
  return { stdout: sink, stderr: sink, stdin: (async function* () {})(), env: {}, signals: new EventEmitter() }
}

t.test('a second signal does not wait for what the first one began to stop', async t => {
  const io = anIo()
  const never = new Promise<void>(() => {})
  const exit = untilStopped({ stop: () => never, reload: () => {} }, io)
  io.signals.emit('SIGTERM')
  await new Promise(resolve => setImmediate(resolve))
  io.signals.emit('SIGINT')
  t.equal(await exit, 1)
})

t.test('what fails to stop is a fault, not an exit code', async t => {
  const io = anIo()
  const exit = untilStopped({ stop: () => Promise.reject(new Error('stuck')) }, io)
  io.signals.emit('SIGINT')
  await t.rejects(exit, { message: 'stuck' })
})

t.test('SIGHUP keeps its meaning where nothing can be reloaded', async t => {
  const io = anIo()
  const exit = untilStopped({ stop: async () => {} }, io)
  t.equal(io.signals.listenerCount('SIGHUP'), 0)
  io.signals.emit('SIGTERM')
  t.equal(await exit, 0)
})

t.test('a fault ends what runs in its own way, and the exit code is 70', async t => {
  const io = anIo()
  const failures: unknown[] = []
  const running = {
    stop: () => Promise.reject(new Error('not this way')),
    fail: async (e: unknown) => void failures.push(e),
  }
  const exit = untilStopped({ ...running }, io)
  const fault = new Error('boom')
  io.signals.emit('uncaughtException', fault)
  t.equal(await exit, 70)
  t.same(failures, [fault])
})

t.test('what has no way of its own to fail is stopped, and the exit code is 70 all the same', async t => {
  const io = anIo()
  let stops = 0
  const exit = untilStopped({ stop: async () => void stops++ }, io)
  io.signals.emit('uncaughtException', new Error('boom'))
  t.same([await exit, stops], [70, 1])
})

const never = new Promise<void>(() => {})
for (const [first, second, code] of [
  ['SIGTERM', 'uncaughtException', 70],
  ['uncaughtException', 'uncaughtException', 70],
  ['uncaughtException', 'SIGTERM', 70],
] as const) {
  t.test(`${second} after ${first} ends with ${code} at once`, async t => {
    const io = anIo()
    const exit = untilStopped({ stop: () => never }, io)
    io.signals.emit(first, new Error('boom'))
    await new Promise(resolve => setImmediate(resolve))
    io.signals.emit(second, new Error('boom'))
    t.equal(await exit, code)
  })
}
