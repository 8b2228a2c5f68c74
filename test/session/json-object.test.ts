import t from 'tap'
import { parseJsonObject } from '../../src/session/json-object.ts'

const accepted: readonly (readonly [text: string, object: object])[] = [
  ['{}', {}],
  [' {"a" : 1}\n', { a: 1 }],
  ['{"a":{"a":1},"b":{"a":2}}', { a: { a: 1 }, b: { a: 2 } }],
  ['{"a":[{"b":1},{"b":2}]}', { a: [{ b: 1 }, { b: 2 }] }],
  ['{"a":"b","b":"a"}', { a: 'b', b: 'a' }],
  ['{"a":"a:a","b":"{\\"a\\":1,\\"a\\":2}"}', { a: 'a:a', b: '{"a":1,"a":2}' }],
  ['{"a\\"":1,"a":2}', { 'a"': 1, a: 2 }],
  ['{"A":1,"a":2}', { A: 1, a: 2 }],
  ['{"é":1}', { é: 1 }],
]
for (const [text, object] of accepted) {
  t.test(`${JSON.stringify(text)} is one object`, async t => t.same(parseJsonObject(Buffer.from(text)), object))
}

const doubled = [
  '{"a":1,"a":1}',
  '{"a":1,"b":2,"a":3}',
  '{"a":1,"\\u0061":2}',
  '{"\\u0061":1,"\\u0061":2}',
  '{"a":1, "a" :2}',
  '{"b":{"a":1,"a":2}}',
  '{"b":[[{"a":1,"a":2}]]}',
  '{"a":{"b":1},"a":2}',
  '{"a":[1,"x"],"a":2}',
  '{"a\\"b":1,"a\\u0022b":2}',
  '{"\\/":1,"/":2}',
  '{"":1,"":2}',
  '{"__proto__":1,"__proto__":2}',
  '{"\\ud83c\\udf4e":1,"🍎":2}',
]
for (const text of doubled) {
  t.test(`${JSON.stringify(text)} has a doubled member`, async t => {
    t.equal(parseJsonObject(Buffer.from(text)), 'duplicate')
  })
}

const refused: readonly (readonly [what: string, octets: Buffer | string])[] = [
  ['nothing', ''],
  ['a list', '[]'],
  ['null', 'null'],
  ['a text', '"a"'],
  ['a number', '1'],
  ['true', 'true'],
  ['two objects', '{}{}'],
  ['an object and a comma', '{},'],
  ['a comma at the end', '{"a":1,}'],
  ['single quotation marks', "{'a':1}"],
  ['a bare name', '{a:1}'],
  ['a comment', '{/**/}'],
  ['NaN', '{"a":NaN}'],
  ['an unfinished text', '{"a":"'],
  ['a raw line end in a text', '{"a":"\n"}'],
  ['a byte order mark', '\ufeff{}'],
  ['an octet that is not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ['an overlong quotation mark', Buffer.from([0x7b, 0xc0, 0xa2, 0x7d])],
  ['a surrogate in UTF-8', Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d])],
  ['UTF-16', Buffer.from('{"a":1}', 'utf16le')],
]
for (const [what, octets] of refused) {
  t.test(`${what} is no JSON object`, async t => t.equal(parseJsonObject(Buffer.from(octets)), undefined))
}

t.test('a member named __proto__ is a member, and changes no prototype', async t => {
  const object = parseJsonObject(Buffer.from('{"__proto__":{"exp":9}}')) as Record<string, unknown>
  t.equal(object.exp, undefined)
  t.equal(Object.hasOwn(object, '__proto__'), true)
})

t.test('what is nested 100,000 deep is answered, and does not exhaust the stack', async t => {
  t.doesNotThrow(() => parseJsonObject(Buffer.from('['.repeat(100_000))))
  t.doesNotThrow(() => parseJsonObject(Buffer.from('{"a":'.repeat(100_000))))
  t.doesNotThrow(() => parseJsonObject(Buffer.from(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`)))
})
