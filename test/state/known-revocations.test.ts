import t from 'tap'
import { createKnownRevocations } from '../../src/state/known-revocations.ts'

const now = 1_800_000_000
const text = (name: string) => `["useCase","${name}",${now}]`

t.test('what is added is known, once', async t => {
  const known = createKnownRevocations(10)
  t.equal(known.add(text('a'), now + 90_000, now), true)
  t.equal(known.add(text('a'), now + 90_000, now), false)
  t.equal(known.has(text('a')), true)
  t.equal(known.has(text('b')), false)
  t.same(known.list(now), [{ revocation: { useCase: 'a' }, at: now, endsAt: now + 90_000 }])
})

t.test('a full list takes no more until one has ended', async t => {
  const known = createKnownRevocations(1)
  known.add(text('a'), now + 10, now)
  t.equal(known.add(text('b'), now + 10, now + 9), false)
  t.equal(known.add(text('b'), now + 20, now + 10), true)
  t.equal(known.has(text('a')), false)
})

t.test('one that has ended is not listed', async t => {
  const known = createKnownRevocations(10)
  known.add(text('a'), now + 10, now)
  t.equal(known.texts(now + 9).length, 1)
  t.equal(known.texts(now + 10).length, 0)
  t.equal(known.list(now + 10).length, 0)
})
