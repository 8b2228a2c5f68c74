import t from 'tap'
import { createRepeatedReads } from '../../src/limits/repeated-reads.ts'

t.test(
  'the same read within fifteen seconds of the last one is a repeat, and a millisecond later it is not',
  async t => {
    const clock = { now: 0 }
    const reads = createRepeatedReads({ now: () => clock.now })
    const noted: boolean[] = []
    for (const now of [0, 15_000, 30_000, 45_001]) {
      clock.now = now
      noted.push(reads.note('a /api/payments/1/'))
    }
    t.same(noted, [false, true, true, false])
  },
)

t.test('another target, or another session, is no repeat', async t => {
  const reads = createRepeatedReads()
  t.same(
    [reads.note('a /x/'), reads.note('a /y/'), reads.note('b /x/'), reads.note('a /x/')],
    [false, false, false, true],
  )
})

t.test('what has not been read for longest is forgotten first', async t => {
  const reads = createRepeatedReads({ maxReads: 2 })
  for (const target of ['/x/', '/y/', '/x/', '/z/']) reads.note(`a ${target}`)
  t.equal(reads.note('a /x/'), true)
  t.equal(reads.note('a /y/'), false)
})

t.test('long targets push others out, and one that is too long is not remembered', async t => {
  const reads = createRepeatedReads({ maxCharacters: 20 })
  reads.note('a /x/')
  reads.note(`a /${'y'.repeat(15)}/`)
  t.equal(reads.note('a /x/'), false)
  const long = `/${'z'.repeat(30)}/`
  t.same([reads.note(`a ${long}`), reads.note(`a ${long}`)], [false, false])
})
