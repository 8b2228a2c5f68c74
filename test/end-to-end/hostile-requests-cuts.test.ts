import t, { type Test } from 'tap'
import { aPolicy } from '../fixtures/config.ts'
import { startForwarding } from '../fixtures/forwarding-gateway.ts'
import { type CutCase, cutLine, hostileCuts } from '../fixtures/hostile-cuts.ts'
import { expectSound, outcomeOf } from '../fixtures/hostile-exchange.ts'
import { hostilePolicy } from '../fixtures/hostile-request.ts'
import { startLenientRecorder } from '../fixtures/lenient-recorder.ts'
import { logFileIn } from '../fixtures/log-file.ts'
import { openRaw, type RawConnection } from '../fixtures/raw-connection.ts'

for (const each of hostileCuts) {
  t.test(`${each.name} is answered ${each.answer ?? 'nothing'}, and is never whole at the upstream`, t =>
    expectCut(t, each),
  )
}

async function expectCut(t: Test, { send, arrives, after, answer }: CutCase): Promise<void> {
  const recorder = await startLenientRecorder(t)
  const file = logFileIn(t.testdir())
  const gateway = await startForwarding(t, recorder.url, {}, { log: file.log, policy: aPolicy(hostilePolicy) })
  const client = await openRaw(t, gateway.url)
  client.send(send)
  await recorder.untilBody(arrives.length)
  goOn(client, after)
  if (answer !== null) {
    const got = await client.answer()
    t.same([outcomeOf(got), got.field('connection')], [answer, 'close'])
    client.socket.end()
  }
  t.equal(await client.closed, '', 'there is no further answer')
  await gateway.stop()
  const came = await recorder.ended()
  t.same(
    came.map(({ line, isWhole }) => [line, isWhole]),
    [[cutLine, false]],
  )
  // Of a body beyond its limit more may have passed than was waited for.
  t.ok(came[0]?.body.startsWith(arrives))
  if (typeof after === 'string') t.equal(came[0]?.body, arrives)
  for (const request of came) expectSound(t, request)
  t.same(
    file.lines().map(({ status }) => status),
    [answer === null ? 499 : Number(answer.slice(0, 3))],
  )
}

function goOn({ socket, send }: RawConnection, after: CutCase['after']): void {
  if (after === 'end') socket.end()
  else if (after === 'reset') socket.resetAndDestroy()
  else send(after.octets)
}
