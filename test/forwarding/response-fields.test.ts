import t from 'tap'
import { responseFields } from '../../src/forwarding/response-fields.ts'

/** Field lines as undici hands them over. */
function octets(...lines: string[]): Buffer[] {
  return lines.map(part => Buffer.from(part, 'latin1'))
}

t.test('fields of an answer pass in order and spelling, duplicates and latin1 values included', async t => {
  const { fields } = responseFields(
    octets('SET-cookie', 'a=1', 'Set-Cookie', 'b=2', 'X-Name', 'caf\xe9', 'X-Empty', ''),
    [],
  )
  t.same(fields, ['SET-cookie', 'a=1', 'Set-Cookie', 'b=2', 'X-Name', 'caf\xe9', 'X-Empty', ''])
})

t.test('hop-by-hop fields stop, and those that Connection nominates', async t => {
  const raw = octets(
    'CONNECTION',
    'X-One , close,x-two',
    'Keep-Alive',
    'timeout=5',
    'X-One',
    '1',
    'X-TWO',
    '2',
    'X-Three',
    '3',
  )
  t.same(responseFields(raw, []).fields, ['X-Three', '3'])
})

t.test('each of two Connection lines nominates', async t => {
  const raw = octets('Connection', 'x-one', 'Connection', 'x-two', 'X-One', '1', 'X-Two', '2', 'A', 'b')
  t.same(responseFields(raw, []).fields, ['A', 'b'])
})

t.test("the gateway's fields replace the upstream's of the same name, but its Vary is added", async t => {
  const raw = octets('X-Request-ID', 'theirs', 'Vary', 'Accept', 'Access-Control-Allow-Origin', '*')
  const added = ['Access-Control-Allow-Origin', 'https://shop.example', 'Vary', 'Origin', 'x-request-id', 'ours']
  t.same(responseFields(raw, added).fields, [
    ...['Vary', 'Accept'],
    ...['Access-Control-Allow-Origin', 'https://shop.example', 'Vary', 'Origin', 'x-request-id', 'ours'],
  ])
})

t.test('the announced length is read, and is none when Connection takes it away', async t => {
  t.equal(responseFields(octets('content-LENGTH', '12'), []).contentLength, 12)
  t.equal(responseFields(octets('Content-Length', '12', 'Connection', 'content-length'), []).contentLength, undefined)
  t.equal(responseFields([], []).contentLength, undefined)
})

for (const [type, isJson] of [
  ['application/json', true],
  ['Application/JSON; charset=utf-8', true],
  ['application/problem+json', true],
  ['application/vnd.api.v1+json ;q=1', true],
  ['application/jsonp', false],
  ['text/json', false],
  ['text/html', false],
  ['x application/json', false],
  ['', false],
] as const) {
  t.test(`an answer of type "${type}" is ${isJson ? '' : 'not '}JSON`, async t => {
    t.equal(responseFields(octets('Content-Type', type), []).isJson, isJson)
  })
}

t.test('lines that come as text are read like octets, and a name without value has an empty one', async t => {
  t.same(responseFields(['Connection', 'x-a', 'X-A', '1', 'X-B'], []).fields, ['X-B', ''])
})
