/*
 * Question: does a secret come out anywhere? The real program is driven through everything that it does and that can go
 * wrong, with secrets in every place where somebody may put one; then everything that it wrote, said and showed is
 * searched for each of them, in every form.
 */
import t from 'tap'
import { driveEverything, expectDriven, expectNoSecret, fail } from '../fixtures/canary-drive.ts'
import { startCanaryRun } from '../fixtures/canary-run.ts'

t.test('one process, driven through everything and ended by a fault, tells no secret', async t => {
  const run = await startCanaryRun(t, { workers: 1 })
  await driveEverything(t, run, 1)
  fail(run, run.program.process.pid as number, 'an error')
  t.equal(await run.program.exit, 70)
  expectDriven(t, run)
  expectNoSecret(t, run)
})
