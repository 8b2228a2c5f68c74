import t from 'tap'
import { isBodiless, reasonPhrase } from '../../src/forwarding/response-head.ts'

for (const [status, method, expected] of [
  [200, 'GET', false],
  [200, 'HEAD', true],
  [204, 'POST', true],
  [205, 'POST', false],
  [304, 'GET', true],
  [404, undefined, false],
] as const) {
  t.test(`an answer of ${status} to ${method} ${expected ? 'ends with its head' : 'has a body'}`, async t => {
    t.equal(isBodiless(status, method), expected)
  })
}

for (const [came, written] of [
  ['OK', 'OK'],
  ['', ''],
  ['Na\tja', 'Na\tja'],
  // UTF-8 on the wire, read as text, written again octet for octet.
  ['Não', 'N\xc3\xa3o'],
  ['✓', '\xe2\x9c\x93'],
  // Latin-1 on the wire: the octet is lost in the reading.
  ['Ol\ufffd', 'Created'],
  ['a\x01b', 'Created'],
  ['a\r\nX: y', 'Created'],
] as const) {
  t.test(`the reason phrase ${JSON.stringify(came)} is written as ${JSON.stringify(written)}`, async t => {
    t.equal(reasonPhrase(201, came), written)
  })
}

t.test('a lost phrase of a status that has no usual one is empty', async t => {
  t.equal(reasonPhrase(799, '\ufffd'), '')
})
