import t from 'tap'
import { DeterministicSource } from '../../src/simulator/deterministic-source.ts'

t.test('two sources with one seed give the same values, in each stream apart', async t => {
  const left = new DeterministicSource('seed')
  const right = new DeterministicSource('seed')
  right.bytes('other', 100)
  t.same(left.bytes('a', 40), right.bytes('a', 40))
  t.equal(left.alphanumeric('b', 30), right.alphanumeric('b', 30))
  t.equal(left.hex('c', 9), right.hex('c', 9))
})

t.test('another seed gives other values', async t => {
  t.not(new DeterministicSource('one').hex('ref', 10), new DeterministicSource('two').hex('ref', 10))
})

t.test('a stream does not repeat itself until it is reset', async t => {
  const source = new DeterministicSource('seed')
  const first = source.hex('ref', 10)
  t.not(source.hex('ref', 10), first)
  source.reset()
  t.equal(source.hex('ref', 10), first)
})

t.test('texts have exactly the length and the letters that were asked for', async t => {
  const source = new DeterministicSource('seed')
  t.match(source.alphanumeric('a', 200), /^[A-Za-z0-9]{200}$/)
  t.match(source.hex('b', 7), /^[0-9a-f]{7}$/)
  t.equal(source.bytes('c', 33).length, 33)
})

t.test('a digest depends on its input and not on what was asked before', async t => {
  const source = new DeterministicSource('seed')
  const first = source.digest('fingerprint', '1')
  t.same(source.digest('fingerprint', '1'), first)
  t.notSame(source.digest('fingerprint', '2'), first)
})
