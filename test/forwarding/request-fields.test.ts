import t from 'tap'
import { requestFields } from '../../src/forwarding/request-fields.ts'

const unchanged = { removeFields: [], setFields: [] }

t.test('fields travel on in their order and spelling, empty values and duplicates included', async t => {
  const received = ['X-b', '2', 'x-A', '', 'X-b', '1']
  t.same(requestFields(received, unchanged), ['X-b', '2', 'x-A', '', 'X-b', '1'])
})

t.test('a removed field stops in whatever spelling it came, and every one of its lines', async t => {
  const received = ['COOKIE', 'a=1', 'X-A', '1', 'cookie', 'b=2', 'Cookie2', 'c']
  t.same(requestFields(received, { removeFields: ['cookie'], setFields: [] }), ['X-A', '1', 'Cookie2', 'c'])
})

t.test('fields of the gateway stand at the end, after what the client sent', async t => {
  const fields = requestFields(['A', '1'], { removeFields: [], setFields: ['X-Request-Id', 'r'] })
  t.same(fields, ['A', '1', 'X-Request-Id', 'r'])
})

t.test('a name that is no token never travels, even if it was let through before', async t => {
  t.same(requestFields(['X_Key', 'a', 'B', '2'], unchanged), ['B', '2'])
})

t.test('what was received is left as it was', async t => {
  const received = Object.freeze(['Cookie', 'a=1', 'B', '2'])
  requestFields(received, { removeFields: ['cookie'], setFields: ['C', '3'] })
  t.same(received, ['Cookie', 'a=1', 'B', '2'])
})
