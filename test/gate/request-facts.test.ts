import t from 'tap'
import { readFacts } from '../../src/gate/request-facts.ts'
import { anAuthenticationToken, aToken } from '../fixtures/token.ts'

t.test('no fields say nothing, and are valid', async t => {
  t.match(readFacts([]), { isInvalid: false, lines: 0, octets: 0, authorizationLines: 0, removed: [] })
})

t.test('the facts are what the lines say, whatever the case of their names', async t => {
  const facts = readFacts([
    ...['HOST', 'a.example:80', 'authorization', 'Bearer x', 'MERCHANT-ACCOUNT', 'mid/a', 'origin', 'https://b'],
    ...[
      'Access-Control-Request-Method',
      'GET',
      'Content-Length',
      '17',
      'Expect',
      '100-continue',
      'TraceParent',
      '00-a',
    ],
    ...['X-Forage-Ios-Sdk-Version', '4.5.1'],
  ])
  t.match(facts, {
    host: 'a.example:80',
    authorization: 'Bearer x',
    authorizationLines: 1,
    merchantAccount: 'mid/a',
    origin: 'https://b',
    preflightMethod: 'GET',
    contentLength: 17,
    expectsContinue: true,
    hasTransferEncoding: false,
    traceparent: '00-a',
    sdkVersion: '4.5.1',
    asksForUpgrade: false,
    isInvalid: false,
    secondCredential: undefined,
    lines: 9,
  })
})

t.test('octets are counted as they were sent: name, colon, space, value and line end', async t => {
  t.equal(readFacts(['A', 'b', 'Cd', '']).octets, 'A: b\r\nCd: \r\n'.length)
})

t.test('the first Authorization line is kept, and the others are counted', async t => {
  t.match(readFacts(['Authorization', 'a', 'authorization', 'b', 'AUTHORIZATION', '']), {
    authorization: 'a',
    authorizationLines: 3,
    isInvalid: false,
  })
})

t.test('an authentication token outweighs a session token, in either order', async t => {
  const auth = ['X-A', anAuthenticationToken()]
  const session = ['X-B', aToken()]
  t.equal(readFacts([...auth, ...session]).secondCredential, 'authentication')
  t.equal(readFacts([...session, ...auth]).secondCredential, 'authentication')
  t.equal(readFacts([...session, 'X-C', 'nothing']).secondCredential, 'session')
})

t.test('a field that stops here is named once, however often it came', async t => {
  t.same(readFacts(['Cookie', 'a=b', 'cookie', 'c=d', 'Connection', 'cookie, x-a, X-A']).removed, [
    'cookie',
    'connection',
    'x-a',
  ])
})

t.test('empty members of Connection, close and keep-alive nominate nothing', async t => {
  const facts = readFacts(['Connection', ' , close ,,Keep-Alive'])
  t.same(facts.removed, ['connection'])
  t.equal(facts.isInvalid, false)
})

t.test('a field that stops here is searched for credentials all the same', async t => {
  t.equal(readFacts(['X-Original-URL', `/a?b=${anAuthenticationToken()}`]).secondCredential, 'authentication')
})

t.test('every control character in a value but the tab makes it invalid, and no other octet does', async t => {
  for (let code = 0; code < 256; code++) {
    const isControl = (code < 32 && code !== 9) || code === 127
    t.equal(readFacts(['X-A', `a${String.fromCharCode(code)}b`]).isInvalid, isControl, `octet ${code}`)
  }
  t.equal(readFacts(['X-A', '\u0100']).isInvalid, true)
})

t.test('what is invalid stays invalid, whatever follows', async t => {
  t.equal(readFacts(['X_A', 'b', 'Host', 'a.example']).isInvalid, true)
})

const once = [
  ...['Host', 'Content-Length', 'Transfer-Encoding', 'Expect', 'Origin', 'Access-Control-Request-Method'],
  ...['Merchant-Account', 'X-Forage-Android-SDK-Version', 'X-Forage-iOS-SDK-Version', 'API-Version'],
  ...['Idempotency-Key', 'Content-Type', 'Content-Encoding', 'Content-Range', 'X-Terminal-Id'],
]
const sampleOf: Readonly<Record<string, string>> = {
  Host: 'a.example',
  'Content-Length': '0',
  'Transfer-Encoding': 'chunked',
  Expect: '100-continue',
}
for (const name of once) {
  t.test(`${name} may come once and no more`, async t => {
    const line = [name, sampleOf[name] ?? 'a']
    t.equal(readFacts(line).isInvalid, false)
    t.equal(readFacts([...line, ...line]).isInvalid, true)
    t.equal(readFacts([...line, name.toLowerCase(), line[1] as string]).isInvalid, true)
  })
}

t.test('all fields that may come once may come together, but for the two that frame a body', async t => {
  const together = once.filter(name => name !== 'Transfer-Encoding').flatMap(name => [name, sampleOf[name] ?? 'a'])
  t.equal(readFacts(together).isInvalid, false)
})
