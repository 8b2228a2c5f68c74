import { join } from 'node:path'
import t from 'tap'
import { connectionCap, openFilesLimit } from '../../src/hosts/connection-cap.ts'

for (const [openFiles, upstream, cap] of [
  [undefined, 64, 10_000],
  [1_048_576, 64, 10_000],
  [10_112, 64, 10_000],
  [10_111, 64, 9999],
  [1024, 64, 912],
  [120, 64, 8],
  [121, 64, 9],
  [20, 64, 8],
] as const) {
  t.test(`with ${openFiles} open files and ${upstream} upstream connections, ${cap} clients may connect`, async t => {
    t.equal(connectionCap(openFiles, upstream), cap)
  })
}

t.test('the limit is the soft one, and not known where the system does not tell it', async t => {
  const folder = t.testdir({
    limits: 'Limit  Soft Limit  Hard Limit  Units\nMax open files            80                   100       files\n',
    none: 'Max open files            unlimited            unlimited            files\n',
  })
  t.equal(openFilesLimit(join(folder, 'limits')), 80)
  t.equal(openFilesLimit(join(folder, 'none')), undefined)
  t.equal(openFilesLimit(join(folder, 'missing')), undefined)
})
