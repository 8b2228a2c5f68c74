import t from 'tap'
import { joinTrace, type Sampling } from '../../src/gate/trace-context.ts'

const ids = { requestId: 'r', traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }
const twoIds = { ...ids, clientSpanId: 'c'.repeat(16) }
const theirs = '0af7651916cd43dd8448eb211c80319c'
const parentId = 'b7ad6b7169203331'

/** A rule that tells what it was asked. */
function sampling(verdict: boolean, trustsClient = true): Sampling & { readonly asked: string[] } {
  const asked: string[] = []
  return { asked, trustsClient, samples: id => asked.push(id) > 0 && verdict }
}

function joined(traceparent: string | undefined, rule: Sampling | null, from = twoIds) {
  return joinTrace({ traceparent, datadog: undefined }, from, rule)
}

for (const flags of ['00', '01', 'ff']) {
  t.test(`without spans, a valid traceparent with flags ${flags} is joined under our own id`, async t => {
    t.same(joinTrace({ traceparent: `00-${theirs}-${parentId}-${flags}`, datadog: undefined }, ids, null), {
      traceId: theirs,
      traceparent: `00-${theirs}-bbbbbbbbbbbbbbbb-${flags}`,
      isContinued: true,
      spans: undefined,
    })
  })
}

const refused: readonly (readonly [what: string, value: string | undefined])[] = [
  ['none', undefined],
  ['an empty one', ''],
  ['one of version 01', `01-${theirs}-b7ad6b7169203331-01`],
  ['one of the forbidden version ff', `ff-${theirs}-b7ad6b7169203331-01`],
  ['one with a trace id of zeros', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`],
  ['one with a parent id of zeros', `00-${theirs}-${'0'.repeat(16)}-01`],
  ['one in capitals', `00-${theirs.toUpperCase()}-b7ad6b7169203331-01`],
  ['one with more behind it', `00-${theirs}-b7ad6b7169203331-01-x`],
  ['one with a line end behind it', `00-${theirs}-b7ad6b7169203331-01\n`],
  ['one with a short trace id', `00-${theirs.slice(1)}-b7ad6b7169203331-01`],
  ['one without flags', `00-${theirs}-b7ad6b7169203331`],
]
for (const [what, value] of refused) {
  t.test(`with ${what}, a trace of our own begins and is not sampled`, async t => {
    t.same(joinTrace({ traceparent: value, datadog: undefined }, ids, null), {
      traceId: 'a'.repeat(32),
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00`,
      isContinued: false,
      spans: undefined,
    })
  })
}

t.test('with spans, the traceparent that travels names the call, which is under the request', async t => {
  t.same(joined(`00-${theirs}-${parentId}-01`, sampling(false)), {
    traceId: theirs,
    traceparent: `00-${theirs}-cccccccccccccccc-01`,
    isContinued: true,
    spans: { parentId, serverSpanId: 'b'.repeat(16), clientSpanId: 'c'.repeat(16) },
  })
})

t.test('a trace that begins here has no parent, and is sampled as the rule says', async t => {
  const rule = sampling(true)
  t.same(joined(undefined, rule), {
    traceId: 'a'.repeat(32),
    traceparent: `00-${'a'.repeat(32)}-cccccccccccccccc-01`,
    isContinued: false,
    spans: { parentId: undefined, serverSpanId: 'b'.repeat(16), clientSpanId: 'c'.repeat(16) },
  })
  t.same(rule.asked, ['a'.repeat(32)])
  t.match(joined(undefined, sampling(false)), {
    traceparent: `00-${'a'.repeat(32)}-cccccccccccccccc-00`,
    spans: undefined,
  })
})

const decided: readonly (readonly [flags: string, trusts: boolean, rule: boolean, out: string])[] = [
  ['01', true, false, '01'],
  ['00', true, true, '00'],
  ['03', true, false, '03'],
  ['02', true, true, '02'],
  ['01', false, false, '00'],
  ['00', false, true, '01'],
  ['03', false, false, '02'],
  ['02', false, true, '03'],
  ['ff', false, false, 'fe'],
  ['ff', false, true, 'ff'],
]
for (const [flags, trusts, verdict, out] of decided) {
  const who = trusts ? 'trusted' : 'not trusted'
  t.test(`flags ${flags} of a client that is ${who}, with a rule that says ${verdict}, travel as ${out}`, async t => {
    const rule = sampling(verdict, trusts)
    const { traceparent, spans } = joined(`00-${theirs}-${parentId}-${flags}`, rule)
    t.equal(traceparent, `00-${theirs}-cccccccccccccccc-${out}`)
    t.equal(spans !== undefined, trusts ? flags === '01' || flags === '03' : verdict)
    t.same(rule.asked, trusts ? [] : ['a'.repeat(32)], 'never the id that the client chose')
  })
}

const datadog = { traceId: '12345678901234567890', parentId: '9876543210987654321', samplingPriority: '1' }
const joinedId = '0000000000000000ab54a98ceb1f0ad2'

t.test('a Datadog trace is joined where there is no valid traceparent; its tracestate is not', async t => {
  for (const traceparent of [undefined, '', 'x']) {
    t.same(joinTrace({ traceparent, datadog }, twoIds, sampling(false)), {
      traceId: joinedId,
      traceparent: `00-${joinedId}-cccccccccccccccc-01`,
      isContinued: false,
      spans: { parentId: '891087b8e3b70cb1', serverSpanId: 'b'.repeat(16), clientSpanId: 'c'.repeat(16) },
    })
  }
  t.match(joinTrace({ traceparent: undefined, datadog }, ids, null), {
    traceparent: `00-${joinedId}-bbbbbbbbbbbbbbbb-01`,
    spans: undefined,
  })
})

t.test('with a valid traceparent, that is the trace', async t => {
  t.match(joinTrace({ traceparent: `00-${theirs}-${parentId}-00`, datadog }, twoIds, sampling(true)), {
    traceparent: `00-${theirs}-cccccccccccccccc-00`,
    isContinued: true,
    spans: undefined,
  })
})

t.test('a Datadog trace about which nobody has decided is sampled as the rule says', async t => {
  const rule = sampling(true)
  const undecided = { traceId: datadog.traceId }
  t.match(joinTrace({ traceparent: undefined, datadog: undecided }, twoIds, rule), {
    traceparent: `00-${joinedId}-cccccccccccccccc-01`,
    spans: { parentId: undefined },
  })
  t.same(rule.asked, ['a'.repeat(32)])
  t.match(joinTrace({ traceparent: undefined, datadog: undecided }, ids, null), { traceparent: /-00$/ })
})

t.test('with Datadog fields that name no trace, one of our own begins', async t => {
  t.match(joinTrace({ traceparent: undefined, datadog: { traceId: '7' } }, ids, null), {
    traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00`,
  })
})
