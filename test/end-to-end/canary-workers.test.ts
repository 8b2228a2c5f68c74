/* The question of canary.test.ts, for a gateway of two workers that is stopped as operators do. */
import t from 'tap'
import { driveEverything, expectDriven, expectNoSecret, fail } from '../fixtures/canary-drive.ts'
import { startCanaryRun } from '../fixtures/canary-run.ts'
import { until } from '../fixtures/until.ts'
import { workersOf } from '../fixtures/worker-processes.ts'

t.test('two workers, driven through everything, crashed and then stopped, tell no secret', async t => {
  const run = await startCanaryRun(t, { workers: 2 })
  // The keeper takes up what has changed, too.
  await driveEverything(t, run, 3)
  for (const worker of workersOf(run.program)) fail(run, worker, 'an error of several')
  await until(
    () => run.program.read('access.log').match(/"internal fault"/g)?.length,
    count => count === 2,
  )
  run.program.process.kill('SIGTERM')
  t.equal(await run.program.exit, 0)
  expectDriven(t, run)
  expectNoSecret(t, run)
})
