import t from 'tap'
import { describeVerification } from '../../src/cli/verification.ts'
import { verifyModes } from '../../src/session/verify-mode.ts'
import { aConfig, aSessionConfig } from '../fixtures/config.ts'

for (const [verify, words] of [
  ['signature', /^verified by signature: each token was made by a holder of a key/],
  ['ledger', /^verified by ledger: each token was issued through this gateway or registered by the merchant/],
  ['upstream', /^verified by upstream: nothing about who made a token/],
] as const) {
  t.test(`mode ${verify} says what it proves, and no more`, async t => {
    t.match(describeVerification(aConfig('http://127.0.0.1:1', { session: aSessionConfig({ verify }) })), words)
  })
}

t.test('there are three modes', async t => t.same(verifyModes, ['signature', 'ledger', 'upstream']))
