import t from 'tap'
import { textDigest, tokenIdentity } from '../../src/session/token-identity.ts'

t.test('an identity is the SHA-256 of what was signed, in base64url', async t => {
  t.equal(tokenIdentity('abc'), 'ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0')
  t.not(tokenIdentity('abc'), tokenIdentity('abd'))
})

t.test('a digest of a text is that of every character of it', async t => {
  t.equal(textDigest('abc'), 'ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0')
  t.not(textDigest('a.b.c'), textDigest('a.b.d'))
})
