import t from 'tap'
import { hostileCodings } from '../fixtures/hostile-codings.ts'
import { hostileCuts } from '../fixtures/hostile-cuts.ts'
import { hostileFields } from '../fixtures/hostile-fields.ts'
import { hostileLengths } from '../fixtures/hostile-lengths.ts'
import { hostilePipelines } from '../fixtures/hostile-pipelines.ts'
import { chunk, hidden, inChunks, lengthOf, next, nextLine, paying, postPayment } from '../fixtures/hostile-request.ts'
import { hostileRiders } from '../fixtures/hostile-riders.ts'
import { hostileTargets } from '../fixtures/hostile-targets.ts'
import { startLenientRecorder } from '../fixtures/lenient-recorder.ts'
import { nearMisses } from '../fixtures/near-misses.ts'
import { openRaw } from '../fixtures/raw-connection.ts'

const hostile = [
  ...hostileLengths,
  ...hostileCodings,
  ...hostileFields,
  ...hostileTargets,
  ...hostilePipelines,
  ...hostileRiders,
  ...hostileCuts,
]

t.test(
  'the tables hold at least 100 hostile requests and 20 near misses, each with octets and a name of its own',
  async t => {
    t.ok(hostile.length >= 100, `${hostile.length} hostile requests`)
    t.ok(nearMisses.length >= 20, `${nearMisses.length} near misses`)
    const all = [...hostile, ...nearMisses]
    t.equal(new Set(all.map(({ name }) => name)).size, all.length)
  },
)

/** What would have been executed without a gateway. Were the recorder strict, it could not see a smuggled request. */
const refundLine = 'POST /api/payments/abc/refunds/ HTTP/1.1'
const attacks: readonly (readonly [name: string, octets: string, lines: readonly string[]])[] = [
  [
    'a length beside chunks',
    paying([lengthOf(`0\r\n\r\n${hidden}`), 'Transfer-Encoding: chunked'], `0\r\n\r\n${hidden}`),
    [postPayment, refundLine],
  ],
  ['two lengths', paying(['Content-Length: 0', lengthOf(hidden)], hidden), [postPayment, refundLine]],
  ['a length with a sign', paying([`Content-Length: -1`], hidden), [postPayment, refundLine]],
  [
    'a misspelt coding',
    paying(['Transfer-Encoding: xchunked', lengthOf(`0\r\n\r\n${hidden}`)], `0\r\n\r\n${hidden}`),
    [postPayment, refundLine],
  ],
  [
    'an underscore in the coding',
    paying(['Transfer_Encoding: chunked', lengthOf(`0\r\n\r\n${hidden}`)], `0\r\n\r\n${hidden}`),
    [postPayment, refundLine],
  ],
  ['a space before a colon', paying(['Transfer-Encoding : chunked'], `0\r\n\r\n${hidden}`), [postPayment, refundLine]],
  [
    'a folded coding',
    paying(['X-A: a\r\n Transfer-Encoding: chunked'], `0\r\n\r\n${hidden}`),
    [postPayment, refundLine],
  ],
  ['bare line feeds', hidden.replaceAll('\r\n', '\n'), [refundLine]],
  ['bare carriage returns', hidden.replaceAll('\r\n', '\r'), [refundLine]],
  ['HTTP/0.9', `GET /a\r\n${hidden}`, ['GET /a', refundLine]],
  ['a chunk size before a space', inChunks(`0 \r\n\r\n${hidden}`), [postPayment, refundLine]],
  ['a chunk without a line end', inChunks(`5\r\nhello0\r\n\r\n${hidden}`), [postPayment, refundLine]],
  ['chunks that are framed well', inChunks(`${chunk(hidden)}0\r\n\r\n`), [postPayment]],
  ['what is no request', `garbage\r\n${hidden}`, ['garbage', refundLine]],
]

for (const [name, octets, lines] of attacks) {
  t.test(`the recorder by itself falls for ${name}`, async t => {
    const recorder = await startLenientRecorder(t)
    const client = await openRaw(t, recorder.url)
    client.send(octets + next)
    const answers = []
    for (const _ of [...lines, nextLine]) answers.push((await client.answer()).body)
    t.same(answers, [...lines, nextLine])
    client.socket.destroy()
    t.same(
      (await recorder.ended()).map(({ line }) => line),
      [...lines, nextLine],
    )
  })
}
