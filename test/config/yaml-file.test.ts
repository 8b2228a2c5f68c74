import t from 'tap'
import { keyPath, keyText } from '../../src/config/yaml-file.ts'
import { problemsIn } from './a-config.ts'

const faults: [string, string, number, number, RegExp][] = [
  ['a key that stands twice', 'environment: mock\nenvironment: prod\n', 2, 1, /stands twice/],
  ['a tab', 'listen:\n\tport: 1\n', 2, 1, /tab/],
  ['an open bracket', 'listen: { port: 1\n', 2, 1, /bracket/],
  ['an open quote', 'environment: "mock\n', 2, 1, /quote/],
  ['two documents', 'environment: mock\n---\nenvironment: mock\n', 2, 1, /second document/],
  ['an unknown tag', 'environment: !secret mock\n', 1, 14, /tag/],
  ['a bad escape', 'environment: "\\q"\n', 1, 15, /backslash/],
]

for (const [what, text, line, column, message] of faults) {
  t.test(`${what} is refused at ${line}:${column}`, async t => {
    t.match(problemsIn(t, text), [{ path: 'gateway.yaml', line, column, message }])
  })
}

t.test('a file that holds no keys is refused', async t => {
  for (const text of ['', '# nothing\n', '- a\n', 'text\n', 'null\n'])
    t.match(
      problemsIn(t, text),
      [{ path: 'gateway.yaml', message: /must hold "key: value" lines/ }],
      JSON.stringify(text),
    )
})

t.test('aliases that would unfold without end are refused', async t => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
  for (let depth = 1; depth < 9; depth++) {
    const inner = Array.from({ length: 10 }, () => `*a${depth - 1}`).join(', ')
    lines.push(`a${depth}: &a${depth} [${inner}]`)
  }
  t.match(problemsIn(t, lines.join('\n')), [{ message: /too many/ }])
})

t.test('an alias with its anchor is followed, also for the place of a problem', async t => {
  const problems = problemsIn(t, 'listen: &same { port: x }\nupstream: *same\n')
  t.match(
    problems.find(problem => problem.path === 'listen.port'),
    { line: 1, column: 17 },
  )
  t.match(
    problems.find(problem => problem.path === 'upstream.port'),
    { line: 1, column: 17 },
  )
})

t.test('members that every object has are keys like any other', async t => {
  const paths = problemsIn(t, '__proto__: { a: 1 }\nconstructor: 1\nlisten: { toString: 1 }\n').map(({ path }) => path)
  for (const path of ['__proto__', 'constructor', 'listen.toString']) t.ok(paths.includes(path), path)
})

t.test('a path is written and read alike', async t => {
  t.equal(keyText([]), 'top level')
  t.equal(keyText(['scopes', 'payments', 3]), 'scopes.payments[3]')
  t.same(keyPath('scopes.payments[3]'), ['scopes', 'payments', 3])
  t.same(keyPath('limits'), ['limits'])
})
