/*
 * The scan over text that nobody made for it: our own sources and papers, and a package of other people's. Everything
 * that it reports here is wrong.
 */
import t from 'tap'
import { packageFile } from '../../src/config/package-files.ts'
import { type FileFinding, scanPaths } from '../../src/scan/scan-paths.ts'
import { now } from './planted.ts'

for (const path of ['src', 'config', 'docs', 'scripts', 'README.md', 'CHANGELOG.md', 'node_modules/undici']) {
  t.test(`in ${path} there is no credential`, async t => {
    const found: FileFinding[] = []
    let files = 0
    const options = { exclude: [], includesAll: true, now, onFile: () => files++, onUnreadable: t.fail }
    for await (const finding of scanPaths([packageFile(path)], options)) found.push(finding)
    t.same(found, [])
    t.ok(files > 0)
  })
}

t.test('the vectors of tests are found, which is why the test tree is searched with them left out', async t => {
  const found: FileFinding[] = []
  const options = { exclude: [], includesAll: false, now, onFile: () => {}, onUnreadable: t.fail }
  for await (const finding of scanPaths([packageFile('test/fixtures/vectors')], options)) found.push(finding)
  t.equal(found.filter(({ kind }) => kind === 'session_token_timestamped').length > 50, true)
  t.same([...new Set(found.map(({ environment }) => environment))], ['sandbox'])
})
