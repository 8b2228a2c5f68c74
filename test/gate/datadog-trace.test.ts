import t from 'tap'
import { readDatadogTrace } from '../../src/gate/datadog-trace.ts'
import { readFacts } from '../../src/gate/request-facts.ts'

const traceId = '12345678901234567890'
const hex = 'ab54a98ceb1f0ad2'
const zeros = '0'.repeat(16)

const ids: readonly (readonly [decimal: string, hex: string | undefined])[] = [
  ['18446744073709551615', 'f'.repeat(16)],
  ['18446744073709551616', undefined],
  ['99999999999999999999', undefined],
  ['10000000000000000', '002386f26fc10000'],
  ['9999999999999999', undefined],
  ['4111111111111111', undefined],
  ['4412345678901234', '000fad0148d12ff2'],
  ['3312345678901234', '000bc48f93906ff2'],
  ['3412345678901234', undefined],
  ['441234567890123', undefined],
  // Nineteen digits that an EBT card may have, then with another check digit; and as good a number that begins as none.
  ['5076801234567890125', undefined],
  ['5076801234567890126', '46746bd325af04ce'],
  ['712345678901234564', '09e2c29eec314b84'],
  ['0', undefined],
  ['', undefined],
  ['012345678901234567', undefined],
  ['-12345678901234567', undefined],
  ['+12345678901234567', undefined],
  ['12345678901234567.0', undefined],
  ['1234567890123456e3', undefined],
  [' 12345678901234567', undefined],
  ['123456789012345678901', undefined],
  ['0xab54a98ceb1f0ad2ab', undefined],
]
for (const [decimal, expected] of ids) {
  const what = expected === undefined ? 'none' : `…${expected}`
  t.test(`trace id ${JSON.stringify(decimal)} is ${what}, and so is a parent id`, async t => {
    t.equal(readDatadogTrace({ traceId: decimal })?.traceId, expected && zeros + expected)
    t.equal(readDatadogTrace({ traceId, parentId: decimal })?.spanId, expected)
  })
}

t.test('without a trace id there is no trace, whatever else came', async t => {
  t.equal(readDatadogTrace({ parentId: traceId, samplingPriority: '1', tags: '_dd.p.tid=640cfd8d00000000' }), undefined)
})

const tags: readonly (readonly [tags: string, upper: string])[] = [
  ['_dd.p.tid=640cfd8d00000000', '640cfd8d00000000'],
  ['_dd.p.dm=-1,_dd.p.tid=640cfd8d00000000', '640cfd8d00000000'],
  ['_dd.p.tid=640cfd8d00000000,_dd.p.dm=-1', '640cfd8d00000000'],
  ['_dd.p.tid=640CFD8D00000000', zeros],
  ['_dd.p.tid=640cfd8d0000000', zeros],
  ['_dd.p.tid=640cfd8d000000000', zeros],
  ['x_dd.p.tid=640cfd8d00000000', zeros],
  ['_ddxpxtid=640cfd8d00000000', zeros],
  ['', zeros],
]
for (const [text, upper] of tags) {
  t.test(`tags ${JSON.stringify(text)} make the upper half ${upper}`, async t => {
    t.equal(readDatadogTrace({ traceId, tags: text })?.traceId, upper + hex)
  })
}

for (const [samplingPriority, flags] of [
  ['2', '01'],
  ['1', '01'],
  ['0', '00'],
  ['-1', '00'],
  ['', undefined],
  ['1.5', undefined],
  ['yes', undefined],
  ['100', undefined],
] as const) {
  t.test(`sampling priority ${JSON.stringify(samplingPriority)} is flags ${flags}`, async t => {
    t.equal(readDatadogTrace({ traceId, samplingPriority })?.flags, flags)
  })
}

const lines = [
  ['x-datadog-trace-id', traceId],
  ['X-Datadog-Parent-Id', '7'],
  ['x-datadog-sampling-priority', '1'],
  ['X-DATADOG-TAGS', '_dd.p.dm=-1'],
] as const

t.test('the four fields are read in any case, pass on, and make no request invalid', async t => {
  const facts = readFacts(lines.flat())
  t.same(facts.datadog, { traceId, parentId: '7', samplingPriority: '1', tags: '_dd.p.dm=-1' })
  t.same([facts.removed, facts.isInvalid, facts.secondCredential], [[], false, undefined])
  t.equal(readFacts(['x-datadog-origin', 'rum']).datadog, undefined)
})

for (const [name, value] of lines) {
  t.test(`${name} that comes twice is left out of account, also where both are the same`, async t => {
    const facts = readFacts([...lines.flat(), name, value])
    t.equal(facts.isInvalid, false)
    t.same(
      Object.values(facts.datadog ?? {}).filter(text => text === ''),
      [''],
    )
  })

  t.test(`a token in ${name} is found`, async t => {
    t.equal(readFacts([name, 'sandbox_sZaw0123456789abcdefghijklmnop']).secondCredential, 'authentication')
    t.equal(readFacts([name, 'sandbox_aaaaaaaaaa.bbbbbbbbbb.cccccccccc']).secondCredential, 'session')
  })
}

t.test('a traceparent that comes twice is none, and no reason to refuse', async t => {
  const line = ['traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01']
  const { traceparent, isInvalid } = readFacts([...line, ...line])
  t.same([traceparent, isInvalid], ['', false])
})
