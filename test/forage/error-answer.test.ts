import t from 'tap'
import { plainCode, readErrorAnswer } from '../../src/forage/error-answer.ts'

for (const [text, code, resource, words] of [
  [
    '{"path":"/","errors":[{"code":"forbidden","message":"No.","source":{"resource":"Merchants","ref":""}}]}',
    'forbidden',
    'Merchants',
    ' No.',
  ],
  ['{"error":"invalid_client","error_description":"Who?"}', 'invalid_client', '', 'Who? '],
  ['{"detail":"Forbidden."}', '', '', ' Forbidden.'],
  ['{"errors":[{"code":7,"source":"Merchants"}]}', '', '', ' '],
  ['{"errors":[null]}', '', '', ' '],
  ['{"errors":[]}', '', '', ' '],
  ['null', '', '', ' '],
  ['"forbidden"', '', '', ' '],
  ['<html>', '', '', ' '],
] as const) {
  t.test(`the answer ${text} has the code "${code}" and is about "${resource}"`, async t => {
    t.same(readErrorAnswer(text), { code, resource, words })
  })
}

for (const [code, isPlain] of [
  ['forbidden', true],
  ['missing_merchant_account', true],
  ['a'.repeat(40), true],
  ['a'.repeat(41), false],
  ['', false],
  ['Forbidden', false],
  ['not found', false],
  ['ebt_error_14', false],
  ['_forbidden', false],
  ['forbidden_', false],
  ['sandbox_abcdefghijklmnopqrstuvwxyzabcd', false],
  ['forbidden\n', false],
] as const) {
  t.test(`the code ${JSON.stringify(code)} may ${isPlain ? '' : 'not '}be logged`, async t => {
    t.equal(plainCode(code), isPlain ? code : undefined)
  })
}
