import t from 'tap'
import { faultOfAnswer, faultOfError, invalidAnswer, isForageFault } from '../../src/forage/forage-fault.ts'

const envelope = (code: string, message = '', resource?: string) =>
  JSON.stringify({ path: '/', errors: [{ code, message, ...(resource && { source: { resource, ref: '' } }) }] })

t.test('a success with a body of another kind may have taken effect', async t => {
  t.same(invalidAnswer(200), { fault: 'invalid_answer', mayHaveTakenEffect: true, status: 200 })
  t.equal(isForageFault(invalidAnswer(200)), true)
  t.equal(isForageFault({ token: '' }), false)
})

for (const [retryAfter, retryAfterSec] of [
  ['7', 7],
  ['1', 1],
  ['0', 1],
  ['-3', 1],
  ['3600', 3600],
  ['3601', 3600],
  ['999999999', 3600],
  ['9999999999', 1],
  ['1.5', 1],
  ['Wed, 21 Oct 2026 07:28:00 GMT', 1],
  ['', 1],
  [undefined, 1],
] as const) {
  t.test(`429 with Retry-After ${retryAfter} is throttled for ${retryAfterSec} s`, async t => {
    const fault = { fault: 'throttled', mayHaveTakenEffect: false, status: 429, retryAfterSec }
    t.same(faultOfAnswer(429, '', retryAfter), fault)
  })
}

const answers: readonly (readonly [status: number, text: string, fault: string, takesEffect: boolean])[] = [
  [400, '{"error":"invalid_request"}', 'invalid_answer', false],
  [400, '{"error":"invalid_scope"}', 'invalid_answer', false],
  [400, '{"error":"invalid_client"}', 'credentials_refused', false],
  [400, '{"error":"unauthorized_client"}', 'credentials_refused', false],
  [401, '{"error":"invalid_client"}', 'credentials_refused', false],
  [401, '<html>', 'credentials_refused', false],
  [403, envelope('forbidden'), 'credentials_refused', false],
  [403, envelope('forbidden', '', 'Merchants'), 'merchant_refused', false],
  [404, envelope('resource_not_found', '', 'Merchants'), 'merchant_refused', false],
  [400, envelope('missing_merchant_account', '', 'Merchant_Account_Header'), 'merchant_refused', false],
  [401, envelope('invalid_token', '', 'Merchants'), 'credentials_refused', false],
  [403, envelope('forbidden', '', 'Payments'), 'credentials_refused', false],
  [500, envelope('server_error', '', 'Merchants'), 'invalid_answer', true],
  [404, '', 'invalid_answer', false],
  [400, '{"error":"invalid_request","error_description":"The client has 1000 live tokens."}', 'token_limit', false],
  [403, envelope('forbidden', 'Maximum number of access tokens reached'), 'token_limit', false],
  [409, '{"detail":"Too many tokens"}', 'token_limit', false],
  [400, '{"error_description":"token 1,000 exceeded"}', 'token_limit', false],
  [400, '{"error_description":"1000 requests"}', 'invalid_answer', false],
  [401, envelope('invalid_token', 'Too many tokens'), 'credentials_refused', false],
  [400, '{"errors":[null]}', 'invalid_answer', false],
  [400, 'null', 'invalid_answer', false],
  [500, '{"error_description":"The client has 1000 live tokens."}', 'invalid_answer', true],
  [502, '<html>', 'invalid_answer', true],
  [503, '', 'invalid_answer', true],
  [301, '', 'invalid_answer', true],
  [307, '', 'invalid_answer', true],
]
for (const [status, text, fault, mayHaveTakenEffect] of answers) {
  t.test(`an answer of ${status} ${text || '(nothing)'} is ${fault}`, async t => {
    const found = faultOfAnswer(status, text, undefined)
    t.match(found, { fault, mayHaveTakenEffect, status })
    t.notMatch(JSON.stringify(found), /token.*reached|live tokens/)
  })
}

t.test('a fault has the code of the answer where that is a plain word, and no other word of it', async t => {
  t.same(faultOfAnswer(403, envelope('forbidden', 'sandbox_secret', 'Merchants'), undefined), {
    fault: 'merchant_refused',
    mayHaveTakenEffect: false,
    status: 403,
    upstreamCode: 'forbidden',
  })
  t.equal(faultOfAnswer(400, '{"error":"invalid_scope"}', undefined).upstreamCode, 'invalid_scope')
  t.equal(faultOfAnswer(429, envelope('too_many_requests'), undefined).upstreamCode, 'too_many_requests')
  t.notOk('upstreamCode' in faultOfAnswer(403, envelope(`sandbox_${'a'.repeat(30)}`), undefined))
})

t.test('only a 401 that names the token says that the token is no good', async t => {
  t.equal(faultOfAnswer(401, envelope('invalid_token'), undefined).isTokenRefused, true)
  t.equal(faultOfAnswer(401, envelope('unauthorized'), undefined).isTokenRefused, undefined)
  t.equal(faultOfAnswer(403, envelope('invalid_token'), undefined).isTokenRefused, undefined)
  t.equal(faultOfAnswer(401, '<html>', undefined).isTokenRefused, undefined)
})

const errors: readonly (readonly [error: unknown, fault: string, takesEffect: boolean])[] = [
  [{ code: 'ECONNREFUSED', syscall: 'connect' }, 'unreachable', false],
  [{ code: 'ENOTFOUND', syscall: 'getaddrinfo' }, 'unreachable', false],
  [{ code: 'ECONNREFUSED', errors: [{ syscall: 'connect' }, { syscall: 'connect' }] }, 'unreachable', false],
  [{ code: 'ETIMEDOUT', syscall: 'connect' }, 'timeout', false],
  [{ code: 'UND_ERR_CONNECT_TIMEOUT' }, 'timeout', false],
  [{ code: 'SELF_SIGNED_CERT_IN_CHAIN' }, 'unreachable', false],
  [{ code: 'EPROTO' }, 'unreachable', false],
  [{ code: 'ECONNRESET', syscall: 'read' }, 'unreachable', true],
  [{ code: 'UND_ERR_SOCKET' }, 'unreachable', true],
  [{ code: 'EHOSTUNREACH', syscall: 'read' }, 'unreachable', true],
  [{ name: 'TimeoutError', code: 23 }, 'timeout', true],
  [{ code: 'UND_ERR_HEADERS_TIMEOUT' }, 'timeout', true],
  [{ code: 'UND_ERR_RES_EXCEEDED_MAX_SIZE' }, 'invalid_answer', true],
  [{ name: 'HTTPParserError' }, 'invalid_answer', true],
  [{ code: 'HPE_INVALID_CONSTANT' }, 'invalid_answer', true],
  [{ errors: [] }, 'unreachable', true],
  [null, 'unreachable', true],
  ['text', 'unreachable', true],
]
for (const [error, fault, mayHaveTakenEffect] of errors) {
  t.test(`the error ${JSON.stringify(error)} is ${fault}`, async t => {
    t.match(faultOfError(error), { fault, mayHaveTakenEffect })
  })
}

t.test('a fault has the code of its error, and nothing of its message', async t => {
  const error = Object.assign(new Error('sandbox_secret'), { code: 'ECONNRESET' })
  t.same(faultOfError(error), { fault: 'unreachable', mayHaveTakenEffect: true, code: 'ECONNRESET' })
})
