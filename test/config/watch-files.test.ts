import { rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { watchFiles } from '../../src/config/watch-files.ts'

/** Watches with short intervals; `next` resolves at the next call back. */
function watch(t: Test, files: readonly string[]) {
  let calls = 0
  let wake = () => {}
  // Watching alone does not keep a process alive.
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(alive))
  t.teardown(
    watchFiles(
      files,
      () => {
        calls++
        wake()
      },
      10,
    ),
  )
  return {
    calls: () => calls,
    next: () =>
      new Promise<void>(resolve => {
        wake = resolve
      }),
  }
}

t.test('changed contents are noticed; a touched file is not', async t => {
  const file = join(t.testdir({ secret: 'one' }), 'secret')
  const marker = join(t.testdirName, 'marker')
  const watched = watch(t, [file, marker])
  utimesSync(file, 1, 1)
  const changed = watched.next()
  writeFileSync(marker, 'x')
  await changed
  t.equal(watched.calls(), 1, 'for the marker, not for the touched file')
  const again = watched.next()
  writeFileSync(file, 'two')
  await again
  t.equal(watched.calls(), 2)
})

t.test('a link that is swapped, as mounted secrets are, is a change', async t => {
  const folder = t.testdir({ a: 'one', b: 'two' })
  const link = join(folder, 'secret')
  symlinkSync('a', link)
  const watched = watch(t, [link])
  const changed = watched.next()
  unlinkSync(link)
  symlinkSync('b', link)
  await changed
  t.ok(watched.calls() > 0)
})

t.test('a file that goes away is a change, and no fault', async t => {
  const file = join(t.testdir({ secret: 'one' }), 'secret')
  const watched = watch(t, [file])
  const changed = watched.next()
  rmSync(file)
  await changed
  t.equal(watched.calls(), 1)
})
