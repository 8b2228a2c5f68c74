import t from 'tap'
import { createEnding } from '../../src/gateway/ending.ts'
import { openLogger } from '../../src/observability/logger.ts'
import { logFileIn } from '../fixtures/log-file.ts'

t.test('a gateway that is stopped ends once, with its lame-duck time', async t => {
  const { logger } = openLogger({ level: 'silent', destination: 'stderr' })
  const ends: number[] = []
  const { stop, fail } = createEnding(logger, 7000, async lameDuckMs => void ends.push(lameDuckMs))
  const stopped = stop()
  t.equal(stop(), stopped)
  t.equal(fail(new Error('boom')), stopped)
  await stopped
  t.same(ends, [7000])
})

t.test('a gateway that fails has no lame-duck time, and logs what happened without its words', async t => {
  const file = logFileIn(t.testdir())
  const { logger, drain } = openLogger(file.log)
  const ends: number[] = []
  const { stop, fail } = createEnding(logger, 7000, async lameDuckMs => void ends.push(lameDuckMs))
  const failed = fail(new RangeError('sandbox_secret'))
  t.equal(stop(), failed)
  await failed
  await drain()
  t.same(ends, [0])
  t.match(file.lines(), [{ level: 'error', msg: 'internal fault', error_name: 'RangeError' }])
  t.notMatch(file.text(), 'sandbox_secret')
})
