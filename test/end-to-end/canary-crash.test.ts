/* The question of canary.test.ts, for each way in which a program can fail that nobody foresees. */
import t from 'tap'
import { issue, signIn } from '../fixtures/canary-calls.ts'
import { failureNames } from '../fixtures/canary-crash-files.ts'
import { expectNoSecret, fail } from '../fixtures/canary-drive.ts'
import { startCanaryRun } from '../fixtures/canary-run.ts'

for (const [index, name] of failureNames.entries()) {
  const [how, signal] = index % 2 === 0 ? (['thrown', 'SIGUSR2'] as const) : (['a rejection', 'SIGWINCH'] as const)
  t.test(`${name} (${how}) that repeats every secret ends the gateway, and tells none`, async t => {
    const run = await startCanaryRun(t, { workers: 1, env: { FORAGE_GATEWAY_DEBUG: '1' } })
    t.not(await issue(run, 'answers with session tokens', signIn(run)), '')
    fail(run, run.program.process.pid as number, name, signal)
    t.equal(await run.program.exit, 70)
    t.match(run.program.read('stderr.txt'), /a fault of the gateway itself/)
    t.match(run.program.read('access.log'), /"internal fault"/)
    expectNoSecret(t, run)
  })
}
