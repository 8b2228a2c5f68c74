import t from 'tap'
import { createExclusion } from '../../src/scan/exclusions.ts'

const cases: readonly (readonly [pattern: string, path: string, isExcluded: boolean])[] = [
  ['vendor', 'vendor', true],
  ['vendor', 'app/vendor', true],
  ['vendor', 'app/vendors', false],
  ['vendor', 'app/my-vendor', false],
  // It would have been left out on the way down, unless the user named it.
  ['vendor', 'vendor/app', false],
  ['*.map', 'dist/app.js.map', true],
  ['*.map', 'dist/app.map.js', false],
  ['*.map', 'dist/.map', true],
  ['a?c', 'x/abc', true],
  ['a?c', 'x/ac', false],
  ['a?c', 'a/c', false],
  ['test/fixtures', 'app/test/fixtures', true],
  ['test/fixtures', 'test/fixtures', true],
  ['test/fixtures', 'latest/fixtures', false],
  ['test/*/keys', 'test/a/keys', true],
  ['test/*/keys', 'test/a/b/keys', false],
  ['test/**/keys', 'test/a/b/keys', true],
  ['/test/', 'app/test', true],
  ['./test', 'app/test', true],
  ['a.b', 'a.b', true],
  ['a.b', 'axb', false],
  ['(a|b)+[c]{2}^$', '(a|b)+[c]{2}^$', true],
  ['test/fixtures', 'app\\test\\fixtures', true],
  ['', 'a', false],
  ['/', 'a', false],
]
for (const [pattern, path, isExcluded] of cases) {
  t.test(`"${pattern}" ${isExcluded ? 'leaves out' : 'does not leave out'} ${path}`, async t => {
    t.equal(createExclusion([pattern])(path), isExcluded)
  })
}

t.test('without a pattern nothing is left out, with several any of them counts', async t => {
  t.equal(createExclusion([])('a'), false)
  const isExcluded = createExclusion(['a', '', 'b'])
  t.same(['a', 'b', 'c'].map(isExcluded), [true, true, false])
})
