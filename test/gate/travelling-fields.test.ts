import t from 'tap'
import { readFacts } from '../../src/gate/request-facts.ts'
import { travellingFields } from '../../src/gate/travelling-fields.ts'
import { aHead } from '../fixtures/gate.ts'

const trace = { traceId: 'a', traceparent: '00-a-b-01', isContinued: false, spans: undefined }

t.test('what a proxy says of a request is set, and what the client said of it stops here', async t => {
  const head = aHead({ fields: ['Host', 'shop.example', 'X-Real-IP', '10.0.0.1', 'Accept', '*/*'] })
  t.same(travellingFields(head, readFacts(head.fields), trace), {
    removeFields: ['host', 'x-real-ip', 'tracestate'],
    setFields: [
      ...['X-Forwarded-For', '192.0.2.7', 'X-Forwarded-Proto', 'https', 'X-Forwarded-Host', 'shop.example'],
      ...['X-Request-Id', 'request-1', 'traceparent', '00-a-b-01'],
    ],
  })
})

t.test('a tracestate travels with the traceparent that it belongs to only', async t => {
  const head = aHead({ fields: ['Host', 'a'] })
  const facts = readFacts(head.fields)
  t.same(travellingFields(head, facts, { ...trace, isContinued: true }).removeFields, ['host'])
})
