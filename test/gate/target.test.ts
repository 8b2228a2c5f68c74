import t from 'tap'
import { pathOf, readTarget } from '../../src/gate/target.ts'

const accepted: readonly (readonly [target: string, path: string, query: string])[] = [
  ['/', '/', ''],
  ['/a', '/a', ''],
  ['/a/', '/a/', ''],
  ['/a/b?', '/a/b', ''],
  ['/a?b=c&d', '/a', 'b=c&d'],
  ['/a?b?c', '/a', 'b?c'],
  ['/a?/../b', '/a', '/../b'],
  ["/A-Z_0.9~!$&'()*+,=:@", "/A-Z_0.9~!$&'()*+,=:@", ''],
  ['/...', '/...', ''],
  ['/.a/..b/c./d..', '/.a/..b/c./d..', ''],
  ['/a?b[]=%F0%9F%8D%8E', '/a', 'b[]=%F0%9F%8D%8E'],
  ['/a?b=%25', '/a', 'b=%25'],
  ['/a?b=%25z', '/a', 'b=%25z'],
  ['/a?b=%20', '/a', 'b=%20'],
  ['/a?b=%7E', '/a', 'b=%7E'],
]
for (const [target, path, query] of accepted) {
  t.test(`${target} is read as it stands`, async t => t.same(readTarget(target), { path, query }))
}

const refused: readonly string[] = [
  ...['', '?', '?a', '*', 'a', 'a/b', 'http://a/b', '//', '//a', '/a//', '/a//b', '/.', '/..', '/./', '/../', '/a/.'],
  ...['/a/..', '/a/./b', '/a/../b', '/a/..?b', '/%2e', '/a%2Fb', '/a%5cb', '/a\\b', '/a;b', '/a%00', '/%61', '/a%'],
  ...[
    '/a b',
    '/a\tb',
    '/a\r\nb',
    '/a\n',
    '/a\0',
    '/a#b',
    '/a?b#c',
    '/é',
    '/\u212a',
    '/a|b',
    '/a"b',
    '/<a>',
    '/a^b',
    '/`a`',
  ],
  ...[
    '/{a}',
    '/a?b;c',
    '/a?b\\c',
    '/a?b c',
    '/a?b\n',
    '/a?%',
    '/a?%4',
    '/a?%zz',
    '/a?%0a',
    '/a?%1F',
    '/a?%7f',
    '/a?%5C',
  ],
  ...['/a?%252F', '/a?%25%32%46', '/a?%252%46', '/a?%25%32F', '/a?%FF', '/a?%C0%AF', '/a?%E0%80%AF', '/a?%ED%A0%80'],
  ...['/a?"', '/a?<', '/a?|', '/a?^', '/a?`', '/a?{}', '/a?é'],
]
for (const target of refused) {
  t.test(`${JSON.stringify(target)} is ambiguous`, async t => t.equal(readTarget(target), undefined))
}

t.test('no octet but the unreserved and the sub-delimiters of RFC 3986 and ":", "@" stands in a segment', async t => {
  const fine = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,=:@"
  for (let code = 0; code < 256; code++) {
    const octet = String.fromCharCode(code)
    // "/" ends the segment and "?" the path.
    if (octet === '/' || octet === '?') continue
    t.equal(readTarget(`/a${octet}b`) !== undefined, fine.includes(octet), `octet ${code}`)
  }
})

t.test('no octet at all stands percent-encoded in a path', async t => {
  for (let code = 0; code < 256; code++) {
    const encoded = `%${code.toString(16).padStart(2, '0')}`
    t.equal(readTarget(`/a${encoded}b`), undefined, encoded)
  }
})

t.test('a path of 8192 characters that nearly matches is refused', async t => {
  t.equal(readTarget(`${'/a'.repeat(4095)}//`), undefined)
  t.equal(readTarget(`/${'a'.repeat(8190)}%`), undefined)
})

const paths: readonly (readonly [target: string, path: string])[] = [
  ['/a/?b=c', '/a/'],
  ['/a/#b?c', '/a/'],
  ['/a/', '/a/'],
  ['?a', ''],
  ['', ''],
]
for (const [target, path] of paths) {
  t.test(`the path of "${target}" for an error body is "${path}"`, async t => t.equal(pathOf(target), path))
}
