import { getEventListeners } from 'node:events'
import t from 'tap'
import { unlessAborted } from '../../src/client/unless-aborted.ts'

t.test('work is awaited as it is where there is no signal', async t => {
  t.equal(await unlessAborted(undefined, async () => 1), 1)
})

t.test('work is not begun when the signal has fired', async t => {
  const reason = new Error('gone')
  await t.rejects(
    unlessAborted(AbortSignal.abort(reason), async () => t.fail('was begun')),
    reason,
  )
})

t.test('who aborts stops waiting at once; the work, and who else waits for it, goes on', async t => {
  let finish: (value: number) => void = () => {}
  const work = new Promise<number>(resolve => {
    finish = resolve
  })
  const controller = new AbortController()
  const aborted = unlessAborted(controller.signal, () => work)
  const patient = unlessAborted(new AbortController().signal, () => work)
  controller.abort()
  await t.rejects(aborted, { name: 'AbortError' })
  finish(7)
  t.equal(await patient, 7)
})

t.test('work that fails later bothers nobody who has aborted', async t => {
  let fail: (error: Error) => void = () => {}
  const work = new Promise<never>((_, reject) => {
    fail = reject
  })
  const controller = new AbortController()
  const aborted = unlessAborted(controller.signal, () => work)
  controller.abort()
  await t.rejects(aborted, { name: 'AbortError' })
  fail(new Error('late'))
  await new Promise(setImmediate)
})

t.test('no listener stays on a signal that outlives its requests', async t => {
  const { signal } = new AbortController()
  await unlessAborted(signal, async () => 1)
  await t.rejects(
    unlessAborted(signal, () => Promise.reject(new Error('failed'))),
    { message: 'failed' },
  )
  t.same(getEventListeners(signal, 'abort'), [])
})

t.test('a platform whose signals have no reason gives an AbortError', async t => {
  const signal = { aborted: true } as AbortSignal
  await t.rejects(
    unlessAborted(signal, async () => 1),
    { name: 'AbortError', message: 'The request was aborted.' },
  )
})
