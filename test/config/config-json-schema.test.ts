import t from 'tap'
import { configJsonSchema } from '../../src/config/config-json-schema.ts'
import { type JsonSchema, schemaAt } from '../../src/config/schema-issues.ts'

const schema = configJsonSchema() as JsonSchema & { readonly required?: readonly string[]; readonly $schema?: string }

t.test('only the environment has no default', async t => {
  t.match(schema, { $schema: 'https://json-schema.org/draft/2020-12/schema', required: ['environment'] })
})

t.test('unknown keys are not allowed', async t => {
  t.equal(schema.additionalProperties, false)
  t.equal(schemaAt(schema, ['session', 'jwt'])?.additionalProperties, false)
})

t.test('every key is described', async t => {
  const undescribed = (place: JsonSchema, path: string): string[] =>
    Object.entries((place.anyOf?.find(option => option.properties) ?? place).properties ?? {}).flatMap(
      ([key, inner]) => {
        const here = `${path}.${key}`
        const described = inner.description ?? inner.anyOf?.find(option => option.description)?.description
        return [...(described ? [] : [here]), ...undescribed(inner, here)]
      },
    )
  t.same(undescribed(schema, ''), [])
})
