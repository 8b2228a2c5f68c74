/*
 * Question: what do clients see, and what is done twice, while the upstream is killed after every second, and started again
 * at once? It is a program of its own, and is killed by SIGKILL in the middle of whatever it does.
 */
import { setInterval as every, setTimeout as later } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { startForwarding } from '../fixtures/forwarding-gateway.ts'
import { aRequest } from '../fixtures/live-token.ts'
import { logFileIn } from '../fixtures/log-file.ts'
import { MortalUpstream } from '../fixtures/mortal-upstreams.ts'
import { exchangeRaw } from '../fixtures/raw-connection.ts'

const restarts = 6
/** Requests come at a pace of their own, as they do from shoppers, and not when others have been answered. */
const paceMs = 8

/** A request, and what the upstream calls it. */
interface Errand {
  readonly deed: string
  readonly message: string
}

type Kind = 'GET' | 'POST with a key' | 'POST without a key'
const kinds: readonly Kind[] = ['GET', 'POST with a key', 'POST without a key']

function errandOf(kind: Kind, id: number): Errand {
  if (kind === 'GET') return { deed: `GET unkeyed ${id} `, message: aRequest({ lines: [`X-Id: ${id}`] }) }
  const body = JSON.stringify({ id, padding: 'x'.repeat(id % 20) })
  const [word, field] = kind === 'POST with a key' ? ['keyed', 'Idempotency-Key'] : ['unkeyed', 'X-Id']
  const lines = [`${field}: ${id}`, `Content-Length: ${body.length}`]
  const message = aRequest({ method: 'POST', target: '/api/payments/', lines, body })
  return { deed: `POST ${word} ${id} ${body}`, message }
}

/** What clients were told, by kind of request. */
class Tally {
  readonly told = new Map<string, number>()
  readonly wrong: string[] = []
  readonly #kindOf = new Map<string, Kind>()
  readonly #counts = new Map<Kind, { asked: number; failed: number }>()

  note(kind: Kind, { deed }: Errand, { status, body }: { readonly status: number; readonly body: string }): void {
    const counts = this.#counts.get(kind) ?? { asked: 0, failed: 0 }
    this.#counts.set(kind, { asked: counts.asked + 1, failed: counts.failed + (status === 200 ? 0 : 1) })
    this.#kindOf.set(deed, kind)
    this.told.set(deed, status)
    const isRight = status === 200 ? body === deed : status === 502 && body.includes('"upstream_unavailable"')
    if (!isRight) this.wrong.push(`${deed} was answered ${status} ${body}`)
  }

  get report(): string {
    return [...this.#counts]
      .map(([kind, { asked, failed }]) => `${kind}: ${failed} of ${asked} (${((100 * failed) / asked).toFixed(1)} %)`)
      .join('; ')
  }

  get failed(): number {
    return [...this.told.values()].filter(status => status !== 200).length
  }
}

/** Sends a request after the other, each on a connection of its own, until it is told to end; then waits for the answers. */
async function load(t: Test, url: string, tally: Tally, signal: AbortSignal): Promise<void> {
  const underWay: Promise<void>[] = []
  for await (const _ of every(paceMs)) {
    if (signal.aborted) break
    const kind = kinds[underWay.length % kinds.length] as Kind
    const errand = errandOf(kind, underWay.length)
    underWay.push(exchangeRaw(t, url, errand.message).then(answer => tally.note(kind, errand, answer)))
  }
  await Promise.all(underWay)
}

t.test(
  'an upstream that is killed every second under load does nothing twice, and every client is answered',
  async t => {
    const upstream = await MortalUpstream.start(t)
    const file = logFileIn(t.testdir())
    const gateway = await startForwarding(t, upstream.url, { connections: 16 }, { log: file.log })
    const tally = new Tally()
    const end = new AbortController()
    const loaded = load(t, gateway.url, tally, end.signal)
    for (let count = 0; count < restarts; count++) {
      await later(1000)
      await upstream.kill()
      await upstream.start()
      const probe = await exchangeRaw(t, gateway.url, aRequest({ lines: [`X-Id: probe-${count}`] }))
      t.equal(probe.status, 200, 'it is used again as soon as it is back')
    }
    end.abort()
    await loaded
    await gateway.stop()
    await upstream.kill()

    t.same(tally.wrong, [], 'each answer is the one to its request, or says that the upstream is away')
    t.same(moreThan(1, upstream.done), [], 'nothing was done twice')
    t.same(moreThan(2, upstream.received), [], 'nothing was sent a third time')
    const risky = moreThan(1, upstream.received).filter(deed => deed.startsWith('POST unkeyed'))
    t.same(risky, [], 'nothing that may not be repeated was sent a second time')
    const promised = [...tally.told].filter(([, status]) => status === 200).map(([deed]) => deed)
    t.same(
      promised.filter(deed => !upstream.done.has(deed)),
      [],
      'what a client was told is done',
    )
    const retried = file.lines().filter(({ retries }) => retries !== undefined)
    t.same([...new Set(retried.map(({ retries }) => retries))], [1], 'the log tells which were sent twice')
    const doneUntold = [...upstream.done.keys()].filter(deed => tally.told.get(deed) !== 200).length
    t.comment(
      `${restarts} restarts, ${tally.told.size} requests, ${retried.length} tried again, ${doneUntold} done untold`,
    )
    t.comment(`errors that clients saw: ${tally.report}`)
    t.ok(tally.failed < tally.told.size, 'requests are served in between')
  },
)

function moreThan(times: number, counted: ReadonlyMap<string, number>): readonly string[] {
  return [...counted].filter(([, count]) => count > times).map(([deed]) => deed)
}
