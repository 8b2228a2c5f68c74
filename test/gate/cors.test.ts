import t from 'tap'
import { createCors } from '../../src/gate/cors.ts'
import { readFacts } from '../../src/gate/request-facts.ts'

const shop = 'https://shop.example'
const asking = (origin: string) => readFacts(['Origin', origin, 'Access-Control-Request-Method', 'PATCH'])
const cors = createCors({ origins: [shop, 'https://b.example'] }, ['GET', 'PATCH'])

t.test('a page of a listed origin may read an answer, which no cache gives to another origin', async t => {
  t.same(cors.responseFields(readFacts(['Origin', shop])), [
    ...['Access-Control-Allow-Origin', shop],
    ...['Access-Control-Expose-Headers', 'x-request-id, retry-after, www-authenticate, api-version'],
    ...['Vary', 'Origin'],
  ])
})

const strangers = [
  'https://evil.example',
  'http://shop.example',
  'https://shop.example:8443',
  'https://shop.example.evil.example',
  'https://SHOP.example',
  'https://shop.example/',
  'null',
  '*',
  '',
]
for (const origin of strangers) {
  t.test(`a page of "${origin}" may not read an answer, and gets no preflight`, async t => {
    t.same(cors.responseFields(readFacts(['Origin', origin])), ['Vary', 'Origin'])
    t.equal(cors.preflightFields('OPTIONS', asking(origin)), undefined)
  })
}

t.test('a request without Origin gets only Vary', async t => {
  t.same(cors.responseFields(readFacts([])), ['Vary', 'Origin'])
})

t.test('without origins no field is sent at all', async t => {
  const none = createCors({ origins: [] }, ['GET'])
  t.same(none.responseFields(readFacts(['Origin', shop])), [])
  t.equal(none.preflightFields('OPTIONS', asking(shop)), undefined)
})

t.test('a preflight says the methods of the policy and the fields of the SDKs, never "*"', async t => {
  const fields = cors.preflightFields('OPTIONS', asking(shop)) as string[]
  t.equal(fields[fields.indexOf('Access-Control-Allow-Origin') + 1], shop)
  t.equal(fields[fields.indexOf('Access-Control-Allow-Methods') + 1], 'GET, PATCH')
  const allowed = (fields[fields.indexOf('Access-Control-Allow-Headers') + 1] as string).split(', ')
  for (const name of ['authorization', 'content-type', 'merchant-account', 'api-version', 'idempotency-key']) {
    t.ok(allowed.includes(name), name)
  }
  t.equal(fields[fields.indexOf('Vary') + 1], 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers')
  t.notOk(fields.includes('*'))
  t.notOk(fields.includes('Access-Control-Allow-Credentials'))
})

t.test('OPTIONS without Access-Control-Request-Method, and other methods with it, are no preflights', async t => {
  t.equal(cors.preflightFields('OPTIONS', readFacts(['Origin', shop])), undefined)
  t.equal(cors.preflightFields('GET', asking(shop)), undefined)
  t.equal(cors.preflightFields('options', asking(shop)), undefined)
  t.equal(cors.preflightFields('OPTIONS', readFacts(['Access-Control-Request-Method', 'GET'])), undefined)
})
