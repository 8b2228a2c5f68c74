import { randomBytes } from 'node:crypto'
import t from 'tap'
import { weaknessOf } from '../../src/config/weak-secrets.ts'

const weak: readonly (readonly [secret: string, fault: RegExp])[] = [
  ['', /at least 32 octets/],
  ['kX9vQ2mZr7Lp4Ws8Tn1By6Hd3Jf5Gc0', /at least 32 octets/],
  ['your-256-bit-secret-your-256-bit-secret', /sample/],
  ['a-string-secret-at-least-256-bits-long', /sample/],
  ['my-super-secret-key-for-jwt-hmac-please-change', /sample/],
  ['CHANGEME_changeme_ChangeMe_123456789012345', /sample/],
  ['12345678901234567890123456789012', /sample/],
  ['passwordpasswordpasswordpassword', /repeats itself/],
  ['x'.repeat(64), /repeats itself/],
  ['abcdefg'.repeat(8), /repeats itself/],
]
for (const [secret, fault] of weak) {
  t.test(`the secret "${secret.slice(0, 40)}" is held to be weak`, async t => {
    t.match(weaknessOf(Buffer.from(secret), 32), fault)
  })
}

t.test(
  'a secret of 32 octets that nobody knows is not weak, and what is said of a weak one does not repeat it',
  async t => {
    t.equal(weaknessOf(Buffer.from('kX9vQ2mZr7Lp4Ws8Tn1By6Hd3Jf5Gc0e'), 32), undefined)
    t.equal(weaknessOf(Buffer.from('a phrase with the word secret, and a dozen others beside it'), 32), undefined)
    t.equal(weaknessOf(randomBytes(32), 32), undefined)
    t.equal(weaknessOf(Buffer.from(randomBytes(48).toString('base64')), 64), undefined)
    t.notMatch(weaknessOf(Buffer.from('hunter2'), 32), 'hunter2')
  },
)

t.test('one octet more than its digest is enough, one octet less is not', async t => {
  const octets = Buffer.from('kX9vQ2mZr7Lp4Ws8Tn1By6Hd3Jf5Gc0ekX9vQ2mZr7Lp4Ws8Tn1By6Hd3Jf5Gc0e')
  for (const digest of [32, 48, 64]) {
    t.equal(weaknessOf(octets.subarray(0, digest), digest), undefined)
    t.match(weaknessOf(octets.subarray(0, digest - 1), digest), `at least ${digest} octets`)
  }
})
