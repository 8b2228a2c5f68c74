import t from 'tap'
import { createBackendKeys } from '../../src/issuing/backend-keys.ts'

const keys = createBackendKeys(['first-key', 'second-key', 'second-key'])

t.test('each of several keys is live, and is known by its place', async t => {
  t.equal(keys.find('first-key'), 0)
  t.equal(keys.find('second-key'), 1)
})

for (const text of ['', 'First-key', 'first-key ', 'first-ke', 'first-keyx', 'second', '\0']) {
  t.test(`${JSON.stringify(text)} is no key`, async t => t.equal(keys.find(text), undefined))
}

t.test('where there are no keys nothing is one', async t => t.equal(createBackendKeys([]).find(''), undefined))
