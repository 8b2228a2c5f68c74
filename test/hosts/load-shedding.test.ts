import { EventEmitter, once } from 'node:events'
import t, { type Test } from 'tap'
import { createGateway } from '../../src/gateway.ts'
import type { Load } from '../../src/hosts/load-meter.ts'
import { createLoadShedding, type Overload } from '../../src/hosts/load-shedding.ts'
import { askAdmin } from '../fixtures/admin-client.ts'
import { aConfig } from '../fixtures/config.ts'
import { aPost, aRequest } from '../fixtures/live-token.ts'
import { logFileIn } from '../fixtures/log-file.ts'
import { openRaw } from '../fixtures/raw-connection.ts'
import { startRecorder } from '../fixtures/recorder.ts'

const calm: Load = { delayMs: 0, heap: 0.1, resident: 0 }
const late = 'event loop late'
const short = 'memory short'

/** Load shedding that is shown one load after the other. @returns what it said after each, and all that it told */
function after(loads: readonly Partial<Load>[]) {
  const left = [...loads]
  const told: (Overload | undefined)[] = []
  const read = () => ({ ...calm, ...left.shift() })
  const shedding = createLoadShedding({
    meter: { start() {}, read, stop() {} },
    onChange: overload => told.push(overload),
  })
  const said = loads.map(() => {
    shedding.look()
    return shedding.overload
  })
  return { said, told }
}

for (const [what, load, overload] of [
  ['an event loop that is 500 ms late', { delayMs: 500 }, undefined],
  ['an event loop that is 501 ms late', { delayMs: 501 }, late],
  ['a heap that is 85 % full', { heap: 0.85 }, undefined],
  ['a heap that is 86 % full', { heap: 0.86 }, short],
  ['90 % of the allowed memory', { resident: 0.9 }, undefined],
  ['91 % of the allowed memory', { resident: 0.91 }, short],
  ['both at once', { heap: 0.9, delayMs: 900 }, short],
] as const) {
  t.test(`${what}, twice in a row, is ${overload ?? 'no overload'}`, async t => {
    t.same(after([load, load]), { said: [undefined, overload], told: overload ? [overload] : [] })
  })
}

t.test('one pause is no overload, and one calm moment ends one', async t => {
  const bad = { delayMs: 2000 }
  t.same(after([bad, {}, bad, {}]).told, [])
  t.same(after([bad, bad, bad, {}, bad, bad]), {
    said: [undefined, late, late, undefined, undefined, late],
    told: [late, undefined, late],
  })
  t.same(after([bad, bad, { heap: 0.99 }]).told, [late, short], 'a change of the cause is told')
})

/** A gateway whose load a test says; `looked` waits until it has been looked at twice. */
async function startLoaded(t: Test) {
  const looks = new EventEmitter()
  let load = calm
  const recorder = await startRecorder(t)
  const file = logFileIn(t.testdir())
  const config = aConfig(recorder.url, {
    admin: { host: '127.0.0.1', port: 0, token: undefined },
    cors: { origins: ['https://shop.example'] },
    log: file.log,
  })
  const read = () => {
    looks.emit('look')
    return load
  }
  const gateway = await createGateway(config, { loadMeter: { start() {}, read, stop() {} } })
  await gateway.start()
  t.teardown(() => gateway.stop())
  return {
    gateway,
    recorder,
    file,
    async become(next: Load): Promise<void> {
      load = next
      await once(looks, 'look')
      await once(looks, 'look')
    },
  }
}

t.test(
  'an overloaded gateway answers new requests with 503 before it does anything, and recovers by itself',
  async t => {
    const { gateway, recorder, file, become } = await startLoaded(t)
    const client = await openRaw(t, gateway.url)
    client.send(aRequest({}))
    t.equal((await client.answer()).status, 200)
    await become({ ...calm, heap: 0.95 })
    client.send(aPost('{"a":1}', ['Origin: https://shop.example']))
    const answer = await client.answer()
    t.same([answer.status, JSON.parse(answer.body).errors[0].code], [503, 'service_unavailable'])
    t.same([answer.field('connection'), answer.field('retry-after')], ['keep-alive', '1'])
    t.equal(answer.field('access-control-allow-origin'), 'https://shop.example')
    const ready = await askAdmin(gateway.adminUrl, '/readyz')
    t.match([ready.status, JSON.parse(ready.text).checks], [503, { draining: 'no', load: short }])
    t.match(await askAdmin(gateway.adminUrl, '/livez'), { status: 200 })
    await become(calm)
    client.send(aRequest({}))
    t.equal((await client.answer()).status, 200)
    t.match(await askAdmin(gateway.adminUrl, '/readyz'), { status: 200 })
    t.equal(recorder.requests.length, 2)
    await gateway.stop()
    t.match(
      file.lines().map(({ msg, cause, reason }) => cause ?? reason ?? msg),
      ['request', short, 'overloaded', 'load is fine again: new requests are taken', 'request'],
    )
  },
)
