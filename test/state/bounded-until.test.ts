import t from 'tap'
import { createBoundedUntil } from '../../src/state/bounded-until.ts'

t.test('a value is there until its end', async t => {
  const values = createBoundedUntil<string>(2)
  values.set('a', 'one', 100)
  t.equal(values.get('a', 99), 'one')
  t.equal(values.get('a', 100), undefined)
  t.equal(values.get('a', 99), undefined, 'and is then forgotten')
})

t.test('the one that was set longest ago makes room', async t => {
  const values = createBoundedUntil<string>(2)
  values.set('a', 'one', 100)
  values.set('b', 'two', 100)
  values.set('a', 'three', 100)
  values.set('c', 'four', 100)
  t.equal(values.get('b', 0), undefined)
  t.equal(values.get('a', 0), 'three')
  t.equal(values.get('c', 0), 'four')
})
