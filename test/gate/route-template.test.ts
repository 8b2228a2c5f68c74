import t from 'tap'
import { overlap, parseRouteTemplate, type RouteTemplate } from '../../src/gate/route-template.ts'

t.test('a template is its method, its text and its segments, a parameter being null', async t => {
  t.same(parseRouteTemplate('GET /api/orders/{ref}/payments/{payment_ref}/'), {
    method: 'GET',
    template: '/api/orders/{ref}/payments/{payment_ref}/',
    segments: ['api', 'orders', null, 'payments', null],
  })
})

for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
  t.test(`a policy may list ${method}`, async t => t.match(parseRouteTemplate(`${method} /a/`), { method }))
}

const refused: readonly (readonly [text: string, sentence: RegExp])[] = [
  ['', /a method, one space and a path/],
  ['GET', /a method, one space and a path/],
  ['GET a/', /a method, one space and a path/],
  ['GET  /a/', /a method, one space and a path/],
  ['GET /a/ ', /a method, one space and a path/],
  ['GET\t/a/', /a method, one space and a path/],
  [' GET /a/', /a method, one space and a path/],
  ['get /a/', /begin with one of GET/],
  ['* /a/', /begin with one of GET/],
  ['TRACE /a/', /begin with one of GET/],
  ['CONNECT /a/', /begin with one of GET/],
  ['GET /a', /end in "\/"/],
  ['GET /', /end in "\/"/],
  ['GET /a/{ref}', /end in "\/"/],
  ['GET //', /segment "" must/],
  ['GET /a//b/', /segment "" must/],
  ['GET /a/../b/', /segment "\.\." must/],
  ['GET /a/*/', /segment "\*" must/],
  ['GET /a/**/', /segment "\*\*" must/],
  ['GET /a/%2F/', /segment "%2F" must/],
  ['GET /a.json/', /segment "a\.json" must/],
  ['GET /a/{Ref}/', /segment "\{Ref\}" must/],
  ['GET /a/{}/', /segment "\{\}" must/],
  ['GET /a/{1}/', /segment "\{1\}" must/],
  ['GET /a/x{ref}/', /segment "x\{ref\}" must/],
  ['GET /a/{ref}x/', /segment "\{ref\}x" must/],
  ['GET /a/{ref:int}/', /segment "\{ref:int\}" must/],
  ['GET /a/:ref/', /segment ":ref" must/],
  ['GET /a/?b/', /segment "\?b" must/],
]
for (const [text, sentence] of refused) {
  t.test(`"${text}" is no template, and a sentence says what to write`, async t => {
    const outcome = parseRouteTemplate(text)
    t.type(outcome, 'string')
    t.match(outcome, sentence)
  })
}

const pairs: readonly (readonly [a: string, b: string, isOverlap: boolean])[] = [
  ['GET /a/', 'GET /a/', true],
  ['GET /a/', 'POST /a/', false],
  ['GET /a/', 'GET /b/', false],
  ['GET /a/', 'GET /A/', false],
  ['GET /a/{x}/', 'GET /a/{y}/', true],
  ['GET /a/{x}/', 'GET /a/b/', true],
  ['GET /{x}/b/', 'GET /a/{y}/', true],
  ['GET /{x}/b/', 'GET /a/c/', false],
  ['GET /a/{x}/', 'GET /a/', false],
  ['GET /a/{x}/', 'GET /a/b/c/', false],
]
for (const [a, b, isOverlap] of pairs) {
  t.test(`${a} and ${b} ${isOverlap ? 'match one request' : 'never match one request'}`, async t => {
    const [first, second] = [parseRouteTemplate(a), parseRouteTemplate(b)] as [RouteTemplate, RouteTemplate]
    t.equal(overlap(first, second), isOverlap)
    t.equal(overlap(second, first), isOverlap)
  })
}
