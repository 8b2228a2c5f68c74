import t from 'tap'
import { notAvailableYet } from '../../src/config/not-available-yet.ts'
import { finePolicy, fineSession, load, problemsIn } from './a-config.ts'

interface Row {
  readonly needs: readonly string[]
  readonly off: readonly string[]
}

/** What asks for a feature that is not built, and what does not. */
const rows: Readonly<Record<string, Row>> = {
  'upstream.vault': { needs: ['"https://vault.example"'], off: ['null'] },
}

/** A configuration that is fine but for one key. */
function configWith(key: string, value: string): string {
  const [section = '', ...rest] = key.split('.')
  const line = `${rest.at(-1) ?? section}: ${value}`
  const policy = section === 'policy' ? finePolicy.replace(' }', `, ${line} }`) : finePolicy
  const other = section === 'policy' ? '' : rest.length > 0 ? `${section}: { ${line} }` : line
  return `environment: sandbox\n${fineSession}\n${policy}\n${other}\n`
}

t.test('every row of the table is tried here, and nothing else', async t => {
  t.same(
    notAvailableYet.map(row => row.key),
    Object.keys(rows),
  )
})

for (const [key, { needs, off }] of Object.entries(rows)) {
  for (const value of needs) {
    t.test(`${key}: ${value} is refused as not available yet`, async t => {
      const problems = problemsIn(t, configWith(key, value))
      t.match(problems, [{ path: key, message: /^not available yet: / }])
      t.equal(problems.length, 1)
      t.type(problems[0]?.line, 'number')
    })
  }
  for (const value of off) {
    t.test(`${key}: ${value} asks for nothing that is missing`, async t => {
      t.doesNotThrow(() => load(t, configWith(key, value)))
    })
  }
}
