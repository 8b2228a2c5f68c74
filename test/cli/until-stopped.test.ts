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
  const exit = untilStopped({ stop: () => never, reloads: true }, io)
  io.signals.emit('SIGTERM')
  await new Promise(resolve => setImmediate(resolve))
  io.signals.emit('SIGINT')
  t.equal(await exit, 1)
})

t.test('what fails to stop is a fault, not an exit code', async t => {
  const io = anIo()
  const exit = untilStopped({ stop: () => Promise.reject(new Error('stuck')), reloads: false }, io)
  io.signals.emit('SIGINT')
  await t.rejects(exit, { message: 'stuck' })
})

t.test('SIGHUP keeps its meaning where nothing can be reloaded', async t => {
  const io = anIo()
  const exit = untilStopped({ stop: async () => {}, reloads: false }, io)
  t.equal(io.signals.listenerCount('SIGHUP'), 0)
  io.signals.emit('SIGTERM')
  t.equal(await exit, 0)
})
