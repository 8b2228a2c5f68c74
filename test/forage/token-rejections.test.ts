import t from 'tap'
import { rejectsToken } from '../../src/forage/token-rejections.ts'

const envelope = (code: unknown) => JSON.stringify({ path: '/', errors: [{ code, message: '' }] })

for (const code of ['invalid_token', 'expired_session_token', 'bad_signature', 'expired_token_signature']) {
  t.test(`a 401 with ${code} refuses the token`, async t => t.equal(rejectsToken(envelope(code)), true))
}

const others = [
  envelope('unauthorized'),
  envelope('missing_merchant_account'),
  envelope(401),
  '{"detail":"invalid_token"}',
  '{"errors":[]}',
  '{"errors":{"code":"invalid_token"}}',
  '{"errors":[{"code":"forbidden"},{"code":"invalid_token"}]}',
  '{"errors":[null]}',
  'null',
  'invalid_token',
  '',
]
for (const body of others) {
  t.test(`a 401 with the body ${body || '(none)'} says nothing about the token`, async t =>
    t.equal(rejectsToken(body), false),
  )
}
