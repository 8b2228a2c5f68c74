import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { filesNow } from '../../src/config/file-snapshot.ts'
import { createTriedFiles } from '../../src/config/tried-files.ts'
import { until } from '../fixtures/until.ts'

t.test(
  'what was tried by hand is not told of; what is written after that is, also to a file that was not there',
  async t => {
    const folder = t.testdir({ one: 'a' })
    const [one, two] = [join(folder, 'one'), join(folder, 'two')]
    let changes = 0
    const files = createTriedFiles(filesNow([one]), () => void changes++)
    files.watch()
    t.teardown(files.unwatch)
    writeFileSync(one, 'b')
    files.note(filesNow([one, two]), true)
    writeFileSync(two, 'c')
    await until(() => changes, Boolean)
    t.equal(changes, 1)
  },
)

t.test('a try that broke off keeps what was watched before', async t => {
  const folder = t.testdir({ one: 'a', two: 'b' })
  const [one, two] = [join(folder, 'one'), join(folder, 'two')]
  let changes = 0
  const files = createTriedFiles(filesNow([one, two]), () => void changes++)
  files.watch()
  t.teardown(files.unwatch)
  files.note(filesNow([one]), false)
  writeFileSync(two, 'c')
  await until(() => changes, Boolean)
  t.equal(changes, 1)
})
