import t from 'tap'
import { codeOf, faultOf } from '../../src/forwarding/faults.ts'

function anError(code: unknown, name = 'Error'): Error {
  return Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:443'), { code, name })
}

for (const [code, fault] of [
  ['ECONNREFUSED', 'upstream_unreachable'],
  ['ENOTFOUND', 'upstream_unreachable'],
  ['EAI_AGAIN', 'upstream_unreachable'],
  ['EMFILE', 'upstream_unreachable'],
  ['CERT_HAS_EXPIRED', 'upstream_unreachable'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'upstream_unreachable'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'upstream_unreachable'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'upstream_unreachable'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'upstream_unreachable'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'upstream_unreachable'],
  ['EPROTO', 'upstream_unreachable'],
  ['UND_ERR_CONNECT_TIMEOUT', 'upstream_timeout'],
  ['ETIMEDOUT', 'upstream_timeout'],
  ['ECONNRESET', 'upstream_reset'],
  ['EPIPE', 'upstream_reset'],
  ['UND_ERR_SOCKET', 'upstream_reset'],
  ['UND_ERR_ABORTED', 'upstream_reset'],
  ['HPE_INVALID_CONSTANT', 'upstream_invalid'],
  ['UND_ERR_HEADERS_OVERFLOW', 'upstream_invalid'],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'upstream_invalid'],
  ['ERR_ASSERTION', 'upstream_invalid'],
  ['ERR_FORAGE_ANSWER_INVALID', 'upstream_invalid'],
  ['UND_ERR_INVALID_ARG', 'internal_fault'],
  ['ERR_WHATEVER', 'internal_fault'],
] as const) {
  t.test(`an error of code ${code} is ${fault}`, async t => {
    t.equal(faultOf(anError(code)), fault)
  })
}

t.test("a parse error of undici without a code is the upstream's fault, not ours", async t => {
  t.equal(faultOf(anError(undefined, 'HTTPParserError')), 'upstream_invalid')
})

t.test('what was thrown and is no error is a fault of ours', async t => {
  for (const thrown of [undefined, null, 'ECONNRESET', 5, {}]) t.equal(faultOf(thrown), 'internal_fault')
})

t.test('only a code that is a text is told, never a message', async t => {
  t.equal(codeOf(anError('ECONNREFUSED')), 'ECONNREFUSED')
  for (const thrown of [undefined, null, 'text', anError(7), new Error('secret')]) t.equal(codeOf(thrown), '')
})

t.test('an unknown error before there was a connection kept us from getting one', async t => {
  t.equal(faultOf(anError('ENOBUFS'), true), 'upstream_unreachable')
  t.equal(faultOf(anError('ECONNRESET'), true), 'upstream_reset')
  t.equal(faultOf(anError('UND_ERR_CONNECT_TIMEOUT'), true), 'upstream_timeout')
  t.equal(faultOf(anError('UND_ERR_INVALID_ARG'), true), 'internal_fault')
  t.equal(faultOf(new Error('ours'), true), 'internal_fault')
})
