import t, { type Test } from 'tap'
import { createGatewayOrigin, isRequest, readOrigin } from '../../src/client/gateway-origin.ts'

const base = 'https://pay.shop.example'

const same: Readonly<Record<string, string>> = {
  '/api/orders/1/': 'https://pay.shop.example/api/orders/1/',
  '/': 'https://pay.shop.example/',
  '/?a=b': 'https://pay.shop.example/?a=b',
  '/\t/evil.example/': 'https://pay.shop.example/\t/evil.example/',
  'https://pay.shop.example/api/orders/1/?a=b#c': 'https://pay.shop.example/api/orders/1/?a=b#c',
  'HTTPS://PAY.Shop.Example/Api/': 'https://pay.shop.example/Api/',
  'https://pay.shop.example:443/api/': 'https://pay.shop.example/api/',
  'https://pay.shop.example:0443/api/': 'https://pay.shop.example/api/',
  'https://pay.shop.example': 'https://pay.shop.example/',
  'https://pay.shop.example?a': 'https://pay.shop.example/?a',
  'https://pay.shop.example#a': 'https://pay.shop.example/#a',
  'https://pay.shop.example/@evil.example/': 'https://pay.shop.example/@evil.example/',
  'https://pay.shop.example?@evil.example/': 'https://pay.shop.example/?@evil.example/',
}
for (const [url, located] of Object.entries(same)) {
  t.test(`${JSON.stringify(url)} is at the gateway`, async t => {
    t.equal(createGatewayOrigin(base).locate(url), located)
    t.equal(new URL(located).origin, base, 'the platform reads the same origin')
  })
}

const others = [
  'http://pay.shop.example/',
  'https://pay.shop.example:8443/',
  'https://pay.shop.example./',
  'https://pay.shop.example.evil.example/',
  'https://evil.example/https://pay.shop.example/',
  'https://pay.shop.example@evil.example/',
  'https://user:word@pay.shop.example/',
  'https://pay.shop.example:@evil.example/',
  'https://pay.shop.example:443@evil.example/',
  'https://pay.shop.example\\@evil.example/',
  'https://pay.shop.example\\.evil.example/',
  'https://pay.shop.example%2eevil.example/',
  'https://pay.shop.example\t.evil.example/',
  'https://pay.shop.example\n@evil.example/',
  'https://pay.shop.example .evil.example/',
  'https://pay.\u017fhop.example/',
  'https:pay.shop.example/',
  'https:/pay.shop.example/',
  'https:\\\\pay.shop.example/',
  '//pay.shop.example/',
  '//evil.example/',
  '/\\evil.example/',
  'wss://pay.shop.example/',
  'data:text/plain,a',
  'blob:https://pay.shop.example/0',
  'javascript:alert(1)',
]
for (const url of others) {
  t.test(`${JSON.stringify(url)} is not at the gateway, in the spelling that every parser reads alike`, async t => {
    t.equal(createGatewayOrigin(base).locate(url), undefined)
  })
}

for (const url of ['', 'orders/1/', '?a=b', '#a', ' https://pay.shop.example/', '\t/api/', '\\\\evil.example/']) {
  t.test(`${JSON.stringify(url)} is refused, since it does not say where it is`, async t => {
    t.throws(() => createGatewayOrigin(base).locate(url), { name: 'TypeError', message: /absolute one/ })
    t.throws(() => createGatewayOrigin().locate(url), { name: 'TypeError', message: /absolute one/ })
  })
}

t.test('URL and Request objects are located by what they say', async t => {
  const gateway = createGatewayOrigin(new URL(base))
  t.equal(gateway.locate(new URL('/a/../b/', base)), `${base}/b/`)
  t.equal(gateway.locate(new Request(`${base}/b/`)), `${base}/b/`)
  t.equal(gateway.locate(new Request('https://evil.example/b/')), undefined)
  t.ok(isRequest({ url: base, clone: () => {} } as unknown as Request), 'a Request of another implementation')
  t.notOk(isRequest(new URL(base)))
})

t.test('without baseUrl the origin of the first request is the gateway, and no other one is talked to', async t => {
  const gateway = createGatewayOrigin()
  t.equal(gateway.locate('http://127.0.0.1:8080/api/'), 'http://127.0.0.1:8080/api/')
  t.equal(gateway.locate('/api/'), 'http://127.0.0.1:8080/api/')
  const message = /belongs to http:\/\/127\.0\.0\.1:8080; give baseUrl/
  for (const url of ['http://127.0.0.1:8081/', 'http://localhost:8080/', 'https://127.0.0.1:8080/']) {
    t.throws(() => gateway.locate(url), { name: 'TypeError', message }, url)
  }
  for (const url of ['//evil.example/', 'data:,a', 'http://127.0.0.1:8080@evil.example/']) {
    t.throws(() => gateway.locate(url), { name: 'TypeError', message: /absolute one/ }, url)
  }
})

t.test('a refused URL does not settle which origin is the gateway', async t => {
  const gateway = createGatewayOrigin()
  t.throws(() => gateway.locate('https://pay.shop.example@evil.example/'), TypeError)
  t.equal(gateway.locate(`${base}/a/`), `${base}/a/`)
})

function onPage(t: Test, location: unknown): void {
  Object.defineProperty(globalThis, 'location', { value: location, configurable: true })
  t.teardown(() => Reflect.deleteProperty(globalThis, 'location'))
}

t.test('a path without baseUrl is at the origin of the page', async t => {
  onPage(t, { origin: 'https://shop.example' })
  const gateway = createGatewayOrigin()
  t.equal(gateway.locate('/api/'), 'https://shop.example/api/')
  t.throws(() => gateway.locate(`${base}/api/`), /belongs to https:\/\/shop\.example/)
})

for (const location of [undefined, {}, { origin: 'null' }]) {
  t.test(`a path without baseUrl is refused where the page is ${JSON.stringify(location)}`, async t => {
    if (location !== undefined) onPage(t, location)
    t.throws(() => createGatewayOrigin().locate('/api/'), { name: 'TypeError', message: /absolute one/ })
  })
}

t.test('an origin is read with its default port left out, and the rest as it is', async t => {
  t.same(readOrigin('http://[::1]:80/a'), { origin: 'http://[::1]', rest: '/a' })
  t.same(readOrigin('http://my_gateway:8080'), { origin: 'http://my_gateway:8080', rest: '' })
  t.same(readOrigin('http://a:443/'), { origin: 'http://a:443', rest: '/' })
  t.equal(readOrigin('https://a:123456/'), undefined)
  t.equal(readOrigin('https://pay.\u212aiosk.example/'), undefined, 'the Kelvin sign is no k')
})
