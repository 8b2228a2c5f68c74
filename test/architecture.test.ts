import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import t from 'tap'

/** One import or re-export of a source file. */
interface Arrow {
  /** Path of the importing file under src, such as `gate/decide.ts`. */
  readonly from: string
  /** Path under src for our own files; the specifier for everything else. */
  readonly to: string
  readonly isOurs: boolean
  readonly isTypeOnly: boolean
}

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.ts'))
  .map(file => file.replaceAll('\\', '/'))
  .sort()

const texts = new Map(files.map(file => [file, readFileSync(join('src', file), 'utf8')]))

const statement = /^(?:import|export)\s+(type\s)?(?:([^'"();]*?)\sfrom\s+)?'([^']+)'/gm
const dynamic = /\bimport\('([^']+)'\)/g

function arrowsOf(file: string): Arrow[] {
  const text = texts.get(file) as string
  const found = [...text.matchAll(statement)].map(([, type, names, to]) => ({
    to: to as string,
    isTypeOnly: type !== undefined || (names !== undefined && namesOnlyTypes(names)),
  }))
  for (const [, to] of text.matchAll(dynamic)) found.push({ to: to as string, isTypeOnly: false })
  return found.map(({ to, isTypeOnly }) => {
    const isOurs = to.startsWith('.')
    return {
      from: file,
      to: isOurs ? normalize(join(dirname(file), to)).replaceAll('\\', '/') : to,
      isOurs,
      isTypeOnly,
    }
  })
}

/** Whether each of `{ type A, type B }` is a type: the compiler drops such an import. */
function namesOnlyTypes(names: string): boolean {
  const list = /^\{([^}]*)\}$/s.exec(names.trim())?.[1]
  const members = (list ?? '')
    .split(',')
    .map(member => member.trim())
    .filter(member => member !== '')
  return members.length > 0 && members.every(member => member.startsWith('type '))
}

const arrows = files.flatMap(arrowsOf)
const roomOf = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '')
const show = ({ from, to }: Arrow) => `${from} -> ${to}`

/** Rooms whose code a room may use. A room that is not listed has no rule yet, and fails. */
const uses: Readonly<Record<string, readonly string[] | 'any'>> = {
  forage: [],
  session: ['forage'],
  gate: ['session', 'forage'],
  forwarding: ['gate', 'forage'],
  limits: ['gate', 'forage'],
  issuing: ['gate', 'session', 'forage'],
  state: ['forage'],
  observability: ['gate', 'forage'],
  config: ['gate', 'session', 'forage', 'state'],
  explaining: ['gate', 'session', 'forage', 'config'],
  simulator: ['forage'],
  scan: ['forage'],
  client: [],
  hosts: 'any',
  admin: 'any',
  gateway: 'any',
  cli: 'any',
}

/** Rooms whose types only may be used by everybody: they define what others implement or are told. */
const outer = ['hosts', 'admin', 'cli', 'gateway']

/** There when tracing is on only, and loaded by `import()` in one file; the others use their types. */
const openTelemetry = [
  '@opentelemetry/api',
  '@opentelemetry/exporter-trace-otlp-proto',
  '@opentelemetry/resources',
  '@opentelemetry/sdk-trace-base',
]

/** Packages that a room may use, besides Node's own modules. A room that is not listed may use any. */
const packages: Readonly<Record<string, readonly string[]>> = {
  forage: ['undici'],
  gate: [],
  session: ['jose', 'lru-cache'],
  observability: ['pino', 'prom-client', ...openTelemetry],
  simulator: [],
  scan: [],
  client: [],
}

/** Arrows that the lists above do not have, with the reason. */
const exceptions: Readonly<Record<string, string>> = {
  'session/fetch-octets.ts -> undici': 'gets key sets over connections that are apart from those for payments',
  'state/memory-state.ts -> session/merge-entries.ts': 'what is on record is narrowed by one rule, wherever it lies',
  'state/redis-ledger.ts -> session/merge-entries.ts': 'the same',
}

t.test('the rooms of src are the ones of the design', async t => {
  const rooms = new Set(files.map(roomOf).filter(room => room !== ''))
  t.same(
    [...rooms].filter(room => !(room in uses)),
    [],
  )
})

t.test('the import lines are really read', async t => {
  const known = arrows.find(({ from, to }) => from === 'gate/decide.ts' && to === 'gate/target.ts')
  t.match(known, { isOurs: true, isTypeOnly: false })
  const type = arrows.find(({ from, to }) => from === 'gate/decision.ts' && to === 'session/session.ts')
  t.match(type, { isOurs: true, isTypeOnly: true })
  for (const arrow of arrows) if (arrow.isOurs) t.ok(existsSync(join('src', arrow.to)), show(arrow))
})

t.test('code is used along the arrows of the design only', async t => {
  const wrong = arrows.filter(arrow => {
    const [from, to] = [roomOf(arrow.from), roomOf(arrow.to)]
    if (!arrow.isOurs || arrow.isTypeOnly || from === to || from === '') return false
    if (arrow.to === 'gateway-error.ts') return false
    const allowed = uses[from] ?? []
    return allowed !== 'any' && !allowed.includes(to) && !(show(arrow) in exceptions)
  })
  t.same(wrong.map(show), [])
})

t.test('not even a type is taken from hosts, admin or cli by the rooms that they stand on', async t => {
  const wrong = arrows.filter(
    ({ from, to, isOurs }) => isOurs && outer.includes(roomOf(to)) && !['', ...outer].includes(roomOf(from)),
  )
  t.same(wrong.map(show), [])
})

for (const [room, allowed] of [
  ['gate', ['gate', 'session', 'forage']],
  ['session', ['session', 'forage']],
  ['forage', ['forage']],
  ['simulator', ['simulator', 'forage']],
  ['scan', ['scan', 'forage']],
  ['client', ['client']],
] as const) {
  t.test(`${room} knows nothing of ours but ${allowed.join(', ')}, types included`, async t => {
    const wrong = arrows.filter(
      ({ from, to, isOurs }) => isOurs && roomOf(from) === room && !(allowed as readonly string[]).includes(roomOf(to)),
    )
    t.same(wrong.filter(({ to }) => to !== 'gateway-error.ts').map(show), [])
  })
}

t.test('the gate, and what is Forage’s, use no module of Node', async t => {
  const wrong = arrows.filter(({ from, to }) => ['gate', 'forage'].includes(roomOf(from)) && to.startsWith('node:'))
  t.same(wrong.map(show), [])
})

t.test('the client runs in browsers and React Native: nothing of Node, and nothing that those lack', async t => {
  const ofNode = arrows.filter(({ from, isOurs }) => roomOf(from) === 'client' && !isOurs)
  t.same(ofNode.map(show), [])
  const lacking =
    /\b(?:Buffer|process|require|setImmediate|DOMException|structuredClone)\b|AbortSignal\.|new URL\(|Object\.hasOwn|#\w/
  t.same(
    files.filter(file => roomOf(file) === 'client' && lacking.test(code(file))),
    [],
  )
})

t.test('the gate has no clock, no randomness and no I/O of its own', async t => {
  const wrong = files.filter(
    file =>
      roomOf(file) === 'gate' &&
      /\b(?:Date\.now|new Date|performance\.|Math\.random|process\.|fetch\(|setTimeout|setInterval|crypto\.)/.test(
        code(file),
      ),
  )
  t.same(wrong, [])
})

t.test('packages are used where the design has them only', async t => {
  const wrong = arrows.filter(arrow => {
    const allowed = packages[roomOf(arrow.from)]
    if (arrow.isOurs || arrow.to.startsWith('node:') || allowed === undefined || show(arrow) in exceptions) return false
    return !allowed.some(name => arrow.to === name || arrow.to.startsWith(`${name}/`))
  })
  t.same(wrong.map(show), [])
})

t.test('what need not be installed is imported as types, or when it is asked for', async t => {
  const wrong = arrows.filter(
    ({ from, to, isTypeOnly }) =>
      openTelemetry.includes(to) && !isTypeOnly && from !== 'observability/span-packages.ts',
  )
  t.same(wrong.map(show), [])
  t.notMatch(code('observability/span-packages.ts'), /^import (?!type )[^(].*opentelemetry/m)
})

t.test('the environment of the process is read in src/config only', async t => {
  const wrong = files.filter(
    file => roomOf(file) !== 'config' && /\bprocess\s*\.\s*env\b|\benv\b.*'node:process'/.test(code(file)),
  )
  t.same(wrong, [])
})

t.test('no file of src imports an index.ts, which would make circles', async t => {
  t.same(arrows.filter(({ to, isOurs }) => isOurs && /(?:^|\/)index\.ts$/.test(to)).map(show), [])
})

t.test('gateway.ts and index.ts are used by nobody but the outer rooms', async t => {
  const wrong = arrows.filter(
    ({ from, to, isOurs }) => isOurs && to === 'gateway.ts' && !['', ...outer].includes(roomOf(from)),
  )
  t.same(wrong.map(show), [])
})

t.test('only types are imported as types, and Node modules by their scheme', async t => {
  const bare = ['fs', 'path', 'http', 'https', 'net', 'tls', 'crypto', 'os', 'url', 'util', 'events', 'stream']
  t.same(arrows.filter(({ to }) => bare.includes(to)).map(show), [])
})

t.test('no file has more than 300 lines', async t => {
  const long = files.filter(file => (texts.get(file) as string).split('\n').length - 1 > 300)
  t.same(long, [])
})

t.test('no room uses the code of a room that uses its own', async t => {
  const graph = new Map<string, Set<string>>()
  for (const { from, to, isOurs, isTypeOnly } of arrows) {
    if (!isOurs || isTypeOnly || roomOf(from) === '' || roomOf(to) === '' || roomOf(from) === roomOf(to)) continue
    graph.set(roomOf(from), (graph.get(roomOf(from)) ?? new Set()).add(roomOf(to)))
  }
  t.same(circlesOf(graph), [])
})

t.test('no file uses the code of a file that uses its own', async t => {
  const graph = new Map<string, Set<string>>()
  for (const { from, to, isOurs, isTypeOnly } of arrows) {
    if (isOurs && !isTypeOnly) graph.set(from, (graph.get(from) ?? new Set()).add(to))
  }
  t.same(circlesOf(graph), [])
})

function circlesOf(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const circles: string[] = []
  const done = new Set<string>()
  function follow(node: string, way: readonly string[]): void {
    if (way.includes(node)) circles.push([...way.slice(way.indexOf(node)), node].join(' -> '))
    if (way.includes(node) || done.has(node)) return
    for (const next of graph.get(node) ?? []) follow(next, [...way, node])
    done.add(node)
  }
  for (const node of graph.keys()) follow(node, [])
  return circles
}

/** Rooms in which every source file has a test of the same name in the same place. */
const mirroredRooms: readonly string[] = ['gate', 'session', 'forage']

/** Source files of those rooms without one, with the reason. */
const withoutMirror: Readonly<Record<string, string>> = {
  'gate/decision.ts': 'types only',
  'gate/request-head.ts': 'types only',
  'session/parsed-token.ts': 'types only',
  'session/session.ts': 'types, and a test for a member that every test of the room makes',
  'session/session-settings.ts': 'types only',
  'forage/vault-prefix.ts': 'a word, tested where it counts: test/end-to-end/vault.test.ts',
  'session/verify-mode.ts': 'words, tested where they are shown: test/cli/verification.test.ts',
}

t.test('every source file of the finished rooms has its test', async t => {
  const missing = files.filter(
    file =>
      mirroredRooms.includes(roomOf(file)) &&
      !(file in withoutMirror) &&
      !existsSync(join('test', file.replace(/\.ts$/, '.test.ts'))),
  )
  t.same(missing, [])
})

t.test('a file that is listed as having no test has none', async t => {
  const stale = Object.keys(withoutMirror).filter(file => existsSync(join('test', file.replace(/\.ts$/, '.test.ts'))))
  t.same(stale, [])
})

/** The text of a file without its comments. */
function code(file: string): string {
  return (texts.get(file) as string).replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
}
