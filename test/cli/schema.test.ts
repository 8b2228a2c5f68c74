import t from 'tap'
import { runCommand } from './run-command.ts'

t.test('the schema is JSON Schema of draft 2020-12 on standard output', async t => {
  const { code, out, err } = await runCommand(['schema'])
  t.equal(code, 0)
  t.equal(err, '')
  t.match(JSON.parse(out), { $schema: 'https://json-schema.org/draft/2020-12/schema', properties: { environment: {} } })
})
