import { createHmac, webcrypto } from 'node:crypto'
import t from 'tap'
import { importSecret } from '../../src/session/jwt-secrets.ts'
import { parseToken } from '../../src/session/parse-token.ts'
import type { ParsedToken } from '../../src/session/parsed-token.ts'
import { createJwtSigner } from '../fixtures/jwt-signer.ts'

for (const algorithm of ['HS256', 'HS384', 'HS512'] as const) {
  const signer = createJwtSigner(algorithm)
  const parsed = parseToken(signer.token(), 'sandbox') as ParsedToken

  t.test(
    `a first look at a token of ${algorithm} finds what its secret has signed, and doubts everything else`,
    async t => {
      const { doubts } = await importSecret(signer.secret, algorithm)
      const { signature } = parsed
      const flipped = Buffer.from(signature)
      flipped[0] = (flipped[0] as number) ^ 1
      t.equal(doubts(parsed), false)
      t.equal(doubts({ ...parsed, signedText: `${parsed.signedText}x` }), true, 'another text')
      t.equal(doubts({ ...parsed, signature: flipped }), true, 'a bit')
      t.equal(doubts({ ...parsed, signature: signature.subarray(0, -1) }), true, 'an octet less')
      t.equal(doubts({ ...parsed, signature: Buffer.concat([signature, signature]) }), true, 'twice')
      t.equal(doubts({ ...parsed, signature: Buffer.alloc(0) }), true, 'none')
    },
  )

  t.test(`the key for jose of ${algorithm} verifies the same, and cannot be taken out`, async t => {
    const { key } = await importSecret(signer.secret, algorithm)
    const own = createHmac(`sha${algorithm.slice(2)}`, signer.secret)
      .update('text')
      .digest()
    t.equal(await webcrypto.subtle.verify('HMAC', key, own, Buffer.from('text')), true)
    t.equal(await webcrypto.subtle.verify('HMAC', key, own, Buffer.from('another')), false)
    t.equal(key.extractable, false)
    t.same(key.usages, ['verify'])
  })
}

t.test('an empty secret is none', async t => {
  await t.rejects(importSecret(Buffer.alloc(0), 'HS256'))
})
