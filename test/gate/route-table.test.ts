import t from 'tap'
import type { Route } from '../../src/gate/policy.ts'
import { createRouteTable } from '../../src/gate/route-table.ts'

const routes: readonly Route[] = [
  { method: 'GET', template: '/a/', segments: ['a'], scope: 's' },
  { method: 'GET', template: '/a/b/c/', segments: ['a', 'b', 'c'], scope: 's' },
  { method: 'GET', template: '/a/{x}/d/', segments: ['a', null, 'd'], scope: 's' },
  { method: 'POST', template: '/{x}/', segments: [null], scope: 's' },
  { method: 'GET', template: '/constructor/', segments: ['constructor'], scope: 's' },
]
const table = createRouteTable(routes)

const found: readonly (readonly [method: string, path: string, template: string | undefined])[] = [
  ['GET', '/a', '/a/'],
  ['GET', '/a/', '/a/'],
  ['GET', '/a/b', undefined],
  ['GET', '/a/b/c', '/a/b/c/'],
  ['GET', '/a/b/c/', '/a/b/c/'],
  ['GET', '/a/b/d/', '/a/{x}/d/'],
  ['GET', '/a/c/d', '/a/{x}/d/'],
  ['GET', '/a/b/c/d/', undefined],
  ['GET', '/', undefined],
  ['GET', '', undefined],
  ['GET', '/b/', undefined],
  ['GET', '/A/', undefined],
  ['GET', '/ab/', undefined],
  ['HEAD', '/a/', undefined],
  ['get', '/a/', undefined],
  ['PUT', '/a/', undefined],
  ['__proto__', '/a/', undefined],
  ['GET', '/constructor/', '/constructor/'],
  ['GET', '/toString/', undefined],
  ['GET', '/a/__proto__/', undefined],
  ['POST', '/a', '/{x}/'],
  ['POST', '/A-z_0/', '/{x}/'],
  ['POST', `/${'a'.repeat(64)}/`, '/{x}/'],
  ['POST', `/${'a'.repeat(65)}/`, undefined],
  ['POST', '/a.b/', undefined],
  ['POST', '/a:b/', undefined],
  ['POST', '//', undefined],
  ['POST', '/', undefined],
  ['POST', '/a\n/', undefined],
  ['POST', '/é/', undefined],
]
for (const [method, path, template] of found) {
  const shown = path.length > 60 ? `a path of ${path.length} characters` : JSON.stringify(path)
  t.test(`${method} ${shown} ${template ? `is ${template}` : 'is no route'}`, async t => {
    t.equal(table.find(method, path)?.template, template)
  })
}

t.test('a table without routes finds none', async t => t.equal(createRouteTable([]).find('GET', '/a/'), undefined))
