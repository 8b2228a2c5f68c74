import t from 'tap'
import { BoundedMap } from '../../src/simulator/bounded-map.ts'

t.test('the oldest entry is forgotten when one more than the capacity comes', async t => {
  const map = new BoundedMap<string, number>(2)
  map.set('a', 1)
  map.set('b', 2)
  t.same([...map.values()], [1, 2])
  map.set('c', 3)
  t.same([...map.values()], [2, 3])
  t.equal(map.get('a'), undefined)
})

t.test('an entry that is replaced costs no other its place', async t => {
  const map = new BoundedMap<string, number>(2)
  map.set('a', 1)
  map.set('b', 2)
  map.set('a', 3)
  t.same([...map.values()], [3, 2])
})

t.test('a pinned entry stays when everything around it is forgotten', async t => {
  const map = new BoundedMap<string, number>(2, ['seeded'])
  map.set('seeded', 0)
  for (let index = 1; index <= 10; index += 1) map.set(`k${index}`, index)
  t.same([...map.values()], [0, 10])
})

t.test('a map whose entries are all pinned grows rather than forget one', async t => {
  const map = new BoundedMap<string, number>(1, ['seeded'])
  map.set('seeded', 0)
  map.set('other', 1)
  t.same([...map.values()], [0, 1])
})
