import type { Browser } from 'playwright-core'
import t, { type Test } from 'tap'
import { seededRefs, startSimulator } from '../../src/simulator/simulator.ts'
import { openPage, startBrowser, withoutBrowser } from '../fixtures/browser.ts'
import { aConfig, aSessionConfig } from '../fixtures/config.ts'
import { startGateway } from '../fixtures/gateway.ts'
import { startShop } from '../fixtures/shop-page.ts'

/** What the page of the shop has made. */
interface App {
  callApi: typeof fetch
}

const browser = withoutBrowser ? undefined : await startBrowser(t)
const json = { 'Content-Type': 'application/json' }
const payment = JSON.stringify({ funding_type: 'ebt_snap', amount: '1.00', payment_method: seededRefs.paymentMethod })

/** A shop whose page has loaded, and whose app has made one request with its first token. */
async function startCheckout(t: Test) {
  const simulator = await startSimulator({ environment: 'sandbox' })
  t.teardown(() => simulator.close())
  const shop = await startShop(t, () => gateway.url)
  const session = aSessionConfig({ verify: 'ledger' })
  const gateway = await startGateway(t, aConfig(simulator.url, { session, cors: { origins: [shop.url] } }))
  const issued: string[] = []
  shop.answerToken = response => {
    const token = simulator.issueSessionToken()
    gateway.sessions.registry.record(token)
    issued.push(token)
    response.end(JSON.stringify({ token, expires_at: new Date(Date.now() + 900_000).toISOString() }))
  }
  const watched = await openPage(browser as Browser, shop.url)
  await watched.page.waitForFunction(() => 'callApi' in globalThis)
  const merchant = simulator.merchantAccount
  const readOrder = () =>
    watched.page.evaluate(
      async ([path, account]) => {
        const { callApi } = globalThis as unknown as App
        const answer = await callApi(path, { headers: { 'Merchant-Account': account } })
        return { status: answer.status, body: (await answer.json()) as object }
      },
      [`/api/orders/${seededRefs.order}/`, merchant] as const,
    )
  const revoke = () => gateway.sessions.registry.revoke({ token: issued.at(-1) as string })
  return { ...watched, simulator, shop, gateway, issued, merchant, readOrder, revoke }
}

/** Runs a test in a page, and looks then at what the page told. */
function checkout(name: string, run: (t: Test, page: Awaited<ReturnType<typeof startCheckout>>) => Promise<void>) {
  t.test(name, { skip: withoutBrowser }, async t => {
    const started = await startCheckout(t)
    await run(t, started)
    const refusal =
      /^error: Failed to load resource: (?:the server responded with a status of (?:401|403|429) |net::ERR_ALPN)/
    t.same(
      started.console.filter(line => !refusal.test(line)),
      [],
      'the console tells of refused requests only',
    )
    const told = [...started.console, ...started.urls].join('\n')
    t.same(
      started.issued.filter(token => told.includes(token)),
      [],
      'no token stands in a URL or on the console',
    )
  })
}

checkout('a page reads through the gateway of another origin', async (t, { readOrder, shop, issued }) => {
  t.match(await readOrder(), { status: 200, body: { ref: seededRefs.order } })
  t.equal(shop.asked, 1)
  t.equal(issued.length, 1)
})

checkout(
  'ten payments of a page whose token was revoked renew it once, and are made once each',
  async (t, { page, simulator, shop, gateway, merchant, readOrder, revoke }) => {
    await readOrder()
    revoke()
    const tries: Promise<string | null>[] = []
    page.on('request', request => {
      if (request.url().startsWith(gateway.url)) tries.push(request.headerValue('idempotency-key'))
    })
    const statuses = await page.evaluate(
      async ([body, headers]) => {
        const { callApi } = globalThis as unknown as App
        const pay = async () => (await callApi('/api/payments/', { method: 'POST', headers, body })).status
        return Promise.all(Array.from({ length: 10 }, pay))
      },
      [payment, { ...json, 'Merchant-Account': merchant }] as const,
    )
    t.same(statuses, Array(10).fill(201))
    t.equal(shop.asked, 2, 'one renewal')
    const made = simulator.executions
      .filter(({ method }) => method === 'POST')
      .map(({ idempotencyKey }) => idempotencyKey)
    t.equal(new Set(made).size, 10, 'each has a key of its own')
    t.same((await Promise.all(tries)).sort(), [...made, ...made].sort(), 'each was sent twice, with the same key')
  },
)

checkout(
  'a payment made of a Request whose token has expired is sent again with its body',
  async (t, { page, simulator, shop, gateway, merchant }) => {
    const { answerToken } = shop
    shop.answerToken = response => {
      shop.answerToken = answerToken
      const issuedAt = Date.now() / 1000 - 1000
      response.end(JSON.stringify(simulator.issueSessionToken({ issuedAt })))
    }
    const answer = await page.evaluate(
      async ([url, body, headers]) => {
        const { callApi } = globalThis as unknown as App
        const request = new Request(url, { method: 'POST', headers, body })
        const { status, headers: fields } = await callApi(request)
        return { status, id: fields.get('x-request-id') }
      },
      [`${gateway.url}/api/payments/`, payment, { ...json, 'Merchant-Account': merchant }] as const,
    )
    t.match(answer, { status: 201, id: /./ })
    t.equal(shop.asked, 2)
    t.equal(simulator.executionCount, 1)
  },
)

checkout(
  'a page can read why it was refused, under which id, and when to come again',
  async (t, { page, simulator, shop, merchant }) => {
    simulator.faults.throttle = 1
    const answers = await page.evaluate(
      async headers => {
        const { callApi } = globalThis as unknown as App
        const ask = async (path: string, init: RequestInit) => {
          const answer = await callApi(path, { ...init, headers })
          const [id, after] = ['x-request-id', 'retry-after'].map(name => answer.headers.get(name))
          return { status: answer.status, id, after, body: (await answer.json()) as object }
        }
        return [await ask('/api/payments/', {}), await ask('/api/sessions/', { method: 'POST' })]
      },
      { 'Merchant-Account': merchant },
    )
    t.match(answers, [
      { status: 429, id: /./, after: /^[1-9]\d*$/, body: { errors: [{ code: 'too_many_requests' }] } },
      { status: 403, id: /./, body: { errors: [{ code: 'forbidden' }] } },
    ])
    t.equal(shop.asked, 1)
  },
)

checkout(
  'a page that aborts one request leaves the others their renewal',
  async (t, { page, shop, readOrder, revoke, merchant }) => {
    await readOrder()
    revoke()
    const { answerToken } = shop
    const renewing = new Promise<() => void>(resolve => {
      shop.answerToken = response => resolve(() => answerToken(response))
    })
    const outcomes = page.evaluate(
      async ([path, account]) => {
        const app = globalThis as unknown as App & { leave: () => void; left: Promise<string> }
        const controller = new AbortController()
        app.leave = () => controller.abort()
        const headers = { 'Merchant-Account': account }
        app.left = app.callApi(path, { headers, signal: controller.signal }).then(String, error => error.name)
        return (await app.callApi(path, { headers })).status
      },
      [`/api/orders/${seededRefs.order}/`, merchant] as const,
    )
    const finish = await renewing
    const left = page.evaluate(() => {
      const app = globalThis as unknown as { leave: () => void; left: Promise<string> }
      app.leave()
      return app.left
    })
    t.equal(await left, 'AbortError', 'while the renewal is under way')
    finish()
    t.equal(await outcomes, 200)
    t.equal(shop.asked, 2)
  },
)

checkout('requests of the page to its own site carry no token', async (t, { page, shop, readOrder }) => {
  await readOrder()
  const status = await page.evaluate(async url => {
    const { callApi } = globalThis as unknown as App
    return (await callApi(url, { method: 'POST', body: 'a' })).status
  }, `${shop.url}/basket`)
  t.equal(status, 204)
  t.same(
    shop.credentials.filter(credentials => credentials !== undefined),
    [],
  )
})

checkout(
  'a stream fails as it does with the browser’s own fetch, which sends none over HTTP/1.1',
  async (t, { page, shop, gateway, simulator, merchant }) => {
    const errors = await page.evaluate(
      async ([url, body, headers]) => {
        const { callApi } = globalThis as unknown as App
        const init = () => ({ method: 'POST', headers, body: new Blob([body]).stream(), duplex: 'half' }) as RequestInit
        return [await callApi(url, init()).then(String, String), await fetch(url, init()).then(String, String)]
      },
      [`${gateway.url}/api/payments/`, payment, { ...json, 'Merchant-Account': merchant }] as const,
    )
    t.same(errors, Array(2).fill('TypeError: Failed to fetch'))
    t.same([shop.asked, simulator.executionCount], [1, 0])
  },
)
