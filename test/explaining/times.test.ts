import t from 'tap'
import { describeTime, timestamp } from '../../src/explaining/times.ts'

const noon = 1_795_348_800

const distances: [number, string][] = [
  [0, 'now'],
  [1, 'in 1 second'],
  [-1, '1 second ago'],
  [119, 'in 119 seconds'],
  [120, 'in 2 minutes'],
  [900, 'in 15 minutes'],
  [-7199, '119 minutes ago'],
  [7200, 'in 2 hours'],
  [172_799, 'in 47 hours'],
  [-172_800, '2 days ago'],
]

for (const [seconds, text] of distances) {
  t.test(`a time ${seconds} seconds away is "${text}"`, async t => {
    t.ok(describeTime(noon + seconds, noon).endsWith(`(${text})`))
  })
}

t.test('a time is written as RFC 3339 says', async t => {
  t.equal(timestamp(noon), '2026-11-22T12:00:00Z')
  t.equal(timestamp(Number.MAX_SAFE_INTEGER), undefined)
})
