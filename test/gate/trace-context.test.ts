import t from 'tap'
import { joinTrace } from '../../src/gate/trace-context.ts'

const ids = { requestId: 'r', traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }
const theirs = '0af7651916cd43dd8448eb211c80319c'

for (const flags of ['00', '01', 'ff']) {
  t.test(`a valid traceparent with flags ${flags} is joined under our own span`, async t => {
    t.same(joinTrace(`00-${theirs}-b7ad6b7169203331-${flags}`, ids), {
      traceId: theirs,
      traceparent: `00-${theirs}-bbbbbbbbbbbbbbbb-${flags}`,
      isContinued: true,
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
    t.same(joinTrace(value, ids), {
      traceId: 'a'.repeat(32),
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00`,
      isContinued: false,
    })
  })
}
