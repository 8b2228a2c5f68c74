// A file that was replaced between the start of a watch and the system's own first look at it was never noticed: a secret
// that was rotated in that moment stayed in use until the next rotation. fs.watchFile takes what it sees first, on a thread
// of its own, as what the file has always been.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { watchFiles } from '../../src/config/watch-files.ts'

for (const round of Array.from({ length: 20 }, (_, index) => index)) {
  t.test(`a file that changes in the same turn as its watch begins is noticed (${round})`, async t => {
    const file = join(t.testdir({ secret: 'one' }), 'secret')
    const alive = setInterval(() => {}, 1000)
    t.teardown(() => clearInterval(alive))
    await new Promise<void>(resolve => {
      t.teardown(watchFiles([file], resolve, 10))
      writeFileSync(file, 'two')
    })
    t.pass('it was told')
  })
}

t.test('a watch that ends in the same turn tells nothing', async t => {
  const file = join(t.testdir({ secret: 'one' }), 'secret')
  watchFiles([file], () => t.fail('told after its end'), 1)()
  writeFileSync(file, 'two')
  const later = join(t.testdirName, 'later')
  writeFileSync(later, 'one')
  await new Promise<void>(resolve => {
    t.teardown(watchFiles([later], resolve, 5))
    writeFileSync(later, 'two')
    const alive = setInterval(() => {}, 1000)
    t.teardown(() => clearInterval(alive))
  })
})
