import t from 'tap'
import { readIssueRequest } from '../../src/issuing/issue-request.ts'

const json = 'application/json'
const read = (text: string | Buffer, contentType: string | undefined = json) =>
  readIssueRequest(contentType, Buffer.from(text))

t.test('no body asks for the default use case, whatever type it has', async t => {
  t.same(readIssueRequest(undefined, Buffer.alloc(0)), { useCase: undefined })
  t.same(read('', 'text/html'), { useCase: undefined })
  t.same(read('{}'), { useCase: undefined })
})

for (const type of [json, 'Application/JSON', 'application/json; charset=utf-8', 'application/json;charset="UTF-8"']) {
  t.test(`a body of ${type} names the use case`, async t => {
    t.same(read('{"use_case":"balance"}', type), { useCase: 'balance' })
  })
}

for (const type of [
  undefined,
  '',
  'text/plain',
  'application/jsonp',
  'application/json; charset=latin1',
  'a, application/json',
]) {
  t.test(`a body of ${type} is refused`, async t => {
    t.same(readIssueRequest(type, Buffer.from('{}')), {
      reason: 'body_invalid',
      message: 'Send the body as JSON, with the field Content-Type: application/json.',
    })
  })
}

for (const text of [
  '{"use_case":null}',
  '{"use_case":1}',
  '{"use_case":["balance"]}',
  '{"use_case":"a","use_case":"b"}',
  '{"use_case":"a","\\u0075se_case":"b"}',
  '{"use_case":"balance","customer":"eve"}',
  '{"merchant_account":"another"}',
  '{"__proto__":{"use_case":"balance"}}',
  '["balance"]',
  '"balance"',
  'null',
  '{',
  ' ',
  '\ufeff{}',
  '{"use_case":"balance"}{}',
]) {
  t.test(`the body ${JSON.stringify(text)} is refused`, async t => {
    t.same(read(text), { reason: 'body_invalid' })
  })
}

for (const text of ['{"useCase":"balance"}', '{"use_case":"a","useCase":"b"}', '{"useCase":1,"customer":"eve"}']) {
  t.test(`the body ${text} is refused, and the caller is told the name of the member`, async t => {
    t.same(read(text), { reason: 'body_invalid', message: 'The body has a "useCase". Write "use_case".' })
  })
}

t.test('octets that are no UTF-8 are refused', async t => {
  t.same(read(Buffer.from('{"use_case":"\xff"}', 'latin1')), { reason: 'body_invalid' })
})

t.test('a body of 4096 octets is read, one of an octet more is not', async t => {
  const padded = (length: number) => `{"use_case":"a"${' '.repeat(length - 16)}}`
  t.same(read(padded(4096)), { useCase: 'a' })
  t.same(read(padded(4097)), { reason: 'body_invalid' })
})
