import t from 'tap'
import { ExpiryRing } from '../../src/limits/expiry-ring.ts'

t.test('what went in first comes out first, across many times its first size', async t => {
  const ring = new ExpiryRing<string>()
  const out: string[] = []
  let next = 0
  for (let round = 0; round < 40; round++) {
    for (let count = 0; count < 5; count++) {
      ring.push(next * 10, `entry ${next}`)
      next++
    }
    for (let count = 0; count < 3; count++) out.push(ring.shift())
  }
  t.equal(ring.length, 80)
  t.equal(ring.timeAt(0), 1200)
  t.equal(ring.timeAt(79), 1990)
  t.same([out[0], out[119]], ['entry 0', 'entry 119'])
})

t.test('where there is nothing, the time is infinity', async t => {
  const ring = new ExpiryRing<string>()
  t.equal(ring.timeAt(0), Number.POSITIVE_INFINITY)
  ring.push(5, 'only')
  t.equal(ring.timeAt(0), 5)
  t.equal(ring.timeAt(1), Number.POSITIVE_INFINITY)
})
