import t from 'tap'
import {
  isWithin,
  meetingPath,
  parseRequestPattern,
  patternOf,
  type RequestPattern,
} from '../../src/gate/policy-pattern.ts'
import { createRouteTable } from '../../src/gate/route-table.ts'
import { parseRouteTemplate, type RouteTemplate } from '../../src/gate/route-template.ts'

const long = 'a'.repeat(65)

function template(text: string): RouteTemplate {
  const parsed = parseRouteTemplate(text)
  if (typeof parsed === 'string') throw new Error(`${text}: ${parsed}`)
  return parsed
}

function pattern(text: string): RequestPattern {
  const parsed = parseRequestPattern(text)
  if (typeof parsed === 'string') throw new Error(`${text}: ${parsed}`)
  return parsed
}

t.test('a pattern is a method, segments, and whether more may follow', async t => {
  t.same(parseRequestPattern('GET /api/orders/{ref}/'), {
    text: 'GET /api/orders/{ref}/',
    method: 'GET',
    segments: ['api', 'orders', null],
    isOpen: false,
    ignoresCase: true,
  })
  t.match(parseRequestPattern('* /api/*/refunds/**'), {
    method: '*',
    segments: ['api', '*', 'refunds'],
    isOpen: true,
    ignoresCase: true,
  })
  t.match(parseRequestPattern('write /**'), { method: 'write', segments: [], isOpen: true, ignoresCase: true })
  t.same(pattern('GET /a').segments, pattern('GET /a/').segments)
  t.match(pattern('GET /a/**/'), { segments: ['a'], isOpen: true, ignoresCase: true })
})

const refused: readonly (readonly [text: string, sentence: RegExp])[] = [
  ['', /a method, one space and a path/],
  ['GET', /a method, one space and a path/],
  ['GET /', /a method, one space and a path/],
  ['GET a/', /a method, one space and a path/],
  ['GET /a/ b', /a method, one space and a path/],
  ['get /a/', /begin with one of GET.*or with "\*" for any method, or "write"/],
  ['TRACE /a/', /begin with one of GET/],
  ['GET //', /segment "" must/],
  ['GET /a//b/', /segment "" must/],
  ['GET /../', /segment "\.\." must/],
  ['GET /a%2Fb/', /segment "a%2Fb" must.*or "\*" for any one segment/],
  ['GET /{Ref}/', /segment "\{Ref\}" must/],
  ['GET /a*/', /segment "a\*" must/],
  ['GET /**/a/', /must come last/],
  ['GET /***/', /segment "\*\*\*" must/],
]
for (const [text, sentence] of refused) {
  t.test(`"${text}" is no pattern, and a sentence says what to write`, async t => {
    const outcome = parseRequestPattern(text)
    t.type(outcome, 'string')
    t.match(outcome, sentence)
  })
}

const meetings: readonly (readonly [route: string, pattern: string, path: string | undefined])[] = [
  ['GET /a/', 'GET /a/', '/a/'],
  ['GET /a/', 'GET /a', '/a/'],
  ['GET /a/', 'POST /a/', undefined],
  ['GET /a/', '* /a/', '/a/'],
  ['GET /a/', 'write /a/', undefined],
  ['HEAD /a/', 'write /a/', undefined],
  ['OPTIONS /a/', 'write /a/', undefined],
  ['POST /a/', 'write /a/', '/a/'],
  ['PUT /a/', 'write /a/', '/a/'],
  ['PATCH /a/', 'write /a/', '/a/'],
  ['DELETE /a/', 'write /a/', '/a/'],
  ['GET /a/{x}/', 'GET /a/{y}/', '/a/0a1b2c3d4e/'],
  ['GET /a/{x}/', 'GET /a/b/', '/a/b/'],
  ['GET /{x}/b/', 'GET /a/{y}/', '/a/b/'],
  ['GET /a/', 'GET /a/**', '/a/'],
  ['GET /a/b/{x}/', 'GET /a/**', '/a/b/0a1b2c3d4e/'],
  ['GET /a/', 'GET /a/*/**', undefined],
  ['GET /a/', '* /**', '/a/'],
  ['GET /a/b/', 'GET /a/', undefined],
  // Letter case counts for nothing, and the path is the one that the gateway takes.
  ['GET /API/b/', 'GET /api/**', '/API/b/'],
  ['GET /api/b/', 'GET /API/B/', '/api/b/'],
  ['GET /apj/b/', 'GET /API/**', undefined],
  // A literal of 65 characters is longer than what a parameter takes; any one segment may be so long.
  [`GET /${long}/`, 'GET /{x}/', undefined],
  [`GET /${long}/`, 'GET /*/', `/${long}/`],
  ['GET /{x}/', `GET /${long}/`, undefined],
  ['GET /{x}/', `GET /${long.slice(1)}/`, `/${long.slice(1)}/`],
]
for (const [route, text, path] of meetings) {
  const name = `${route} and ${text} ${path === undefined ? 'have no request in common' : 'have a request in common'}`
  t.test(name.replaceAll(long, '<65 letters>'), async t => {
    t.equal(meetingPath(template(route), pattern(text)), path)
  })
}

/** All lists of up to `length` of these parts. */
function lists(parts: readonly string[], length: number): readonly (readonly string[])[] {
  if (length === 0) return [[]]
  const shorter = lists(parts, length - 1)
  return [
    ...shorter,
    ...shorter.filter(list => list.length === length - 1).flatMap(list => parts.map(p => [...list, p])),
  ]
}

const paths = lists(['a', 'b', 'c'], 4).flatMap(list =>
  list.length === 0 ? ['/'] : [`/${list.join('/')}`, `/${list.join('/')}/`],
)
const templates = lists(['a', 'b', '{x}'], 3)
  .filter(list => list.length > 0)
  .map(list => template(`GET /${list.join('/')}/`))

/** The paths that the gateway's own route table finds. */
function pathsOfRoute(route: RouteTemplate): ReadonlySet<string> {
  const table = createRouteTable([{ ...route, scope: 's' }])
  return new Set(paths.filter(path => table.find('GET', path) !== undefined))
}

/** The paths of a pattern, by a regular expression that knows nothing of the code under test. */
function pathsOfPattern(text: string): ReadonlySet<string> {
  const expression = text
    .replace('GET ', '^')
    .replace(/\/$/, '')
    .replace('/**', '(?:/[^/]+){0,9}')
    .replace(/\/\*(?=\/|\(|$)/g, '/[^/]+')
    .replaceAll('{x}', '[A-Za-z0-9_-]{1,64}')
  return new Set(paths.filter(path => path !== '/' && new RegExp(`${expression}/?$`).test(path)))
}

t.test('over a small alphabet, the decision agrees with trying every path, for every template and pattern', async t => {
  const found = new Map(templates.map(route => [route, pathsOfRoute(route)]))
  const texts = lists(['a', 'b', '{x}', '*'], 3).flatMap(list => [
    `GET /${[...list, '**'].join('/')}`,
    `GET /${list.join('/')}/`,
  ])
  let pairs = 0
  for (const text of texts.filter(each => each !== 'GET //')) {
    const [parsed, matched] = [pattern(text), pathsOfPattern(text)]
    for (const [route, own] of found) {
      const isCommon = [...own].some(path => matched.has(path))
      const path = meetingPath(route, parsed)?.replaceAll('0a1b2c3d4e', 'c')
      if (isCommon !== (path !== undefined)) t.fail(`${route.template} and ${text}`)
      if (path !== undefined && !(own.has(path) && matched.has(path))) t.fail(`${path}: ${route.template} and ${text}`)
      pairs++
    }
  }
  // 39 templates; 84 patterns without "**", and 85 with it.
  t.equal(pairs, 39 * (84 + 85))
})

t.test(
  'over a small alphabet, a template lies within others just when one of them holds each of its paths',
  async t => {
    const found = templates.map(route => ({ route, own: pathsOfRoute(route) }))
    for (const inner of found) {
      for (const outer of found) {
        const isHeld = [...inner.own].every(path => outer.own.has(path))
        if (isWithin(inner.route, outer.route) !== isHeld) t.fail(`${inner.route.template} in ${outer.route.template}`)
      }
      const others = found.filter(({ route }) => !isWithin(inner.route, route))
      const isCovered = [...inner.own].every(path => others.some(({ own }) => own.has(path)))
      if (isCovered) t.fail(`${inner.route.template} is covered by several others`)
    }
    t.notOk(isWithin(template('GET /a/'), template('POST /a/')))
    t.notOk(isWithin(template(`GET /${long}/`), template('GET /{x}/')))
    t.ok(isWithin(template(`GET /${long.slice(1)}/`), template('GET /{x}/')))
  },
)

t.test('a template is a pattern of its own requests', async t => {
  t.same(patternOf(template('GET /a/{x}/')), { ...pattern('GET /a/{x}/'), ignoresCase: false })
  t.equal(meetingPath(template('GET /a/'), patternOf(template('GET /a/'))), '/a/')
  t.equal(meetingPath(template('GET /a/'), patternOf(template('GET /A/'))), undefined)
})
