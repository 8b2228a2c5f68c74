import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { commands } from '../../src/cli/commands.ts'
import { missingExtra } from '../fixtures/real-part.ts'
import { anchorsOf, type Block, documents, spansOf } from './markdown.ts'

const shell = documents
  .flatMap(({ blocks }) => blocks)
  .filter(({ language }) => ['sh', 'bash', 'shell'].includes(language))
const consoles = documents
  .flatMap(({ blocks }) => blocks)
  .filter(({ language, text }) => language === '' && /^\$ /m.test(text))
const places = [...shell, ...consoles, ...documents.flatMap(spansOf)]

/** Lines with their continuations, without what a here-document holds and what follows a `#`. */
function linesOf({ text }: Block): readonly string[] {
  return text
    .replaceAll(/\\\n\s*/g, ' ')
    .replaceAll(/(<<'?(\w+)'?[^\n]*\n).*?\n\2$/gms, '$1')
    .split('\n')
    .map(line => line.replace(/(?:^|\s)# .*$/, ''))
}

/** The calls of a program in a line: what stands where a command stands, up to the end of that command. */
function callsOf(line: string, program: string): readonly string[] {
  const call = new RegExp(
    `(?:^|[|&;(!]\\s*|\\$ |npx |exec |sudo |\\b[A-Z_]+=\\S+ )${program}((?: (?:'[^']*'|"[^"]*"|[^|&;<>)'"])*)?)(?=$|[|&;<>)])`,
    'g',
  )
  return [...line.trim().matchAll(call)].map(([, rest = '']) => rest.trim())
}

const calls = places.flatMap(block =>
  linesOf(block).flatMap(line =>
    callsOf(line, '(?:forage-gateway|node dist/cli/main\\.js)').map(rest => ({ place: block.place, rest })),
  ),
)

const helps = new Map(
  await Promise.all(commands.map(async ({ name, load }) => [name, (await load()).command.help] as const)),
)

/** Options of a call that its help does not list, or the command itself where there is none. */
function unknownIn(rest: string): readonly string[] {
  const [name = '', ...words] = rest.replaceAll(/'[^']*'|"[^"]*"/g, 'TEXT').split(/\s+/)
  if (['', '--help', '--version', '-v', '-h', 'help', 'COMMAND', '<command>'].includes(name)) return []
  const help = helps.get(name)
  if (help === undefined) return [name]
  const listed = new Set([...(help.match(/(?<![\w-])-{1,2}[A-Za-z][\w-]*/g) ?? []), '--help', '--version'])
  return words
    .map(word => word.replace(/[=\]].*$/, '').replace(/^\[/, ''))
    .filter(word => /^-{1,2}[A-Za-z]/.test(word) && !listed.has(word))
}

t.test(
  'every forage-gateway line of the documents names a command that there is, and options that its help lists',
  async t => {
    t.ok(calls.length > 40, `${calls.length} calls were found`)
    const wrong = calls
      .map(({ place, rest }) => ({ place, rest, unknown: unknownIn(rest) }))
      .filter(({ unknown }) => unknown.length > 0)
    t.same(wrong, [])
  },
)

t.test('every command is in the README, and in its table under its name', async t => {
  const readme = readFileSync('README.md', 'utf8')
  const missing = commands
    .map(({ name }) => name)
    .filter(name => name !== 'demo' && !readme.includes(`| \`forage-gateway ${name}`))
  t.same(missing, [])
})

t.test('a call with an option or command that is not there is found', async t => {
  t.same(unknownIn('check --config gateway.yaml --strict'), ['--strict'])
  t.same(unknownIn('chekc --config gateway.yaml'), ['chekc'])
  t.same(callsOf('zcat log.gz | forage-gateway replay - --policy p.yaml > out', 'forage-gateway'), [
    'replay - --policy p.yaml',
  ])
  t.same(callsOf('npm install forage-gateway fastify', 'forage-gateway'), [])
})

t.test('every npm script, and every program of ours, that the documents run exists', async t => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
  const lines = places.flatMap(block => linesOf(block).map(line => ({ place: block.place, line })))
  const wrong = lines.flatMap(({ place, line }) => [
    ...[...line.matchAll(/\bnpm run (?:-s )?([\w:-]+)/g)]
      .filter(([, name = '']) => !(name in scripts))
      .map(([call]) => `${place} ${call}`),
    ...[...line.matchAll(/\bnode ((?:bench|scripts|examples|deploy)\/\S+\.m?js)/g)]
      .filter(([, file = '']) => !existsSync(file))
      .map(([call]) => `${place} ${call}`),
  ])
  t.same(wrong, [])
})

t.test('every block of shell is read by a shell without complaint', async t => {
  t.ok(shell.length > 15, `${shell.length} blocks`)
  for (const { place, text } of shell) {
    const { status, stderr } = spawnSync('sh', ['-n'], { input: text, encoding: 'utf8' })
    t.equal(status, 0, `${place} ${stderr}`)
  }
})

/** What one checkout leaves in a log: enough for each question to find something. */
const log = [
  {
    time: '2027-01-15T08:00:00.000Z',
    decision: 'allow',
    method: 'GET',
    route: '/api/orders/{ref}/',
    session: 's',
    status: 200,
  },
  {
    time: '2027-01-15T08:00:01.000Z',
    decision: 'allow',
    method: 'POST',
    route: '/api/payments/',
    session: 's',
    status: 504,
    reason: 'upstream_timeout',
    request_id: 'r',
    client_address: '192.0.2.1',
  },
  {
    time: '2027-01-15T08:00:02.000Z',
    decision: 'deny',
    reason: 'authentication_token',
    status: 403,
    sdk_version: '4.5.0',
    client_address: '192.0.2.1',
  },
  { time: '2027-01-15T08:00:03.000Z', event: 'configuration_loaded' },
]
  .map(line => JSON.stringify(line))
  .join('\n')

t.test('every question of the runbooks to an access log is answered', { skip: missingExtra('jq') }, async t => {
  const folder = t.testdir({ 'access.log': log })
  const asked = shell
    .filter(({ place }) => place.startsWith('docs/runbooks.md'))
    .flatMap(linesOf)
    .filter(line => /^jq .*access\.log/.test(line))
  t.equal(asked.length, 5)
  for (const line of asked) {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { cwd: folder, encoding: 'utf8' })
    t.match({ status, stderr }, { status: 0, stderr: '' }, line)
    t.not(stdout, '', line)
  }
})

t.test('every relative link leads to a file that is there, and to a heading that it has', async t => {
  const byFile = new Map(documents.map(document => [document.file, document]))
  const links = documents.flatMap(({ file, prose }) =>
    [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, to = '']) => ({ file, to }))
      .filter(({ to }) => !/^[a-z]+:/.test(to)),
  )
  t.ok(links.length > 50, `${links.length} links`)
  const wrong = links.filter(({ file, to }) => {
    const [path = '', anchor] = to.split('#')
    const target = path === '' ? file : join(dirname(file), path).replaceAll('\\', '/')
    if (!existsSync(target)) return true
    const document = byFile.get(target)
    return anchor !== undefined && document !== undefined && !anchorsOf(document).has(anchor)
  })
  t.same(wrong, [])
})

t.test('docs/README.md leads to every document of its folder', async t => {
  const listed = new Set(
    [...readFileSync('docs/README.md', 'utf8').matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, to]) => `docs/${to}`),
  )
  const missing = documents.map(({ file }) => file).filter(file => /^docs\/(?!README)/.test(file) && !listed.has(file))
  t.same(missing, [])
})
