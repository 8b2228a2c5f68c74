import type { Browser, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { seededRefs, startSimulator } from '../../src/simulator/simulator.ts'
import { adminToken, askAdmin } from '../fixtures/admin-client.ts'
import { startBrowser, withoutBrowser } from '../fixtures/browser.ts'
import { aConfig, aPolicy, aSessionConfig } from '../fixtures/config.ts'
import { openConsole, openView, seriousFindings, tabTo } from '../fixtures/console-page.ts'
import { startGateway } from '../fixtures/gateway.ts'
import { at, send } from '../fixtures/http-client.ts'

const browser = withoutBrowser ? undefined : await startBrowser(t)
const views = ['Now', 'Policy', 'Token', 'Explain', 'Sessions', 'Configuration']
const markup = '<img src=x onerror=alert(1)>"\'&'

const policy = aPolicy({
  scopes: { orders: ['GET /api/orders/{ref}/'], payments: ['POST /api/payments/', 'GET /api/payments/{ref}/'] },
  grants: { default: ['orders'], useCases: { checkout: ['orders', 'payments'], [markup]: ['orders'] } },
})

/** A gateway in front of the simulator, two sessions on record, and its console in a page. */
async function startBench(t: Test) {
  const simulator = await startSimulator({ environment: 'sandbox' })
  t.teardown(() => simulator.close())
  const admin = { host: '127.0.0.1', port: 0, token: Buffer.from(adminToken) }
  const base = aConfig(simulator.url)
  const budget = { requests: 900, windowSec: 300, maxWaitMs: 0 }
  const config = {
    admin,
    policy,
    session: aSessionConfig({ verify: 'ledger' }),
    upstream: { ...base.upstream, budget },
  }
  const gateway = await startGateway(t, aConfig(simulator.url, config))
  const [paying, other] = [simulator.issueSessionToken(), simulator.issueSessionToken()]
  const tokens = [
    { token: paying, useCase: 'checkout' },
    { token: other, useCase: markup },
  ]
  await askAdmin(gateway.adminUrl, '/tokens', { body: { tokens } })
  const read = async (token: string, path = `/api/orders/${seededRefs.order}/`): Promise<number> => {
    const headers = { Authorization: `Bearer ${token}`, 'Merchant-Account': simulator.merchantAccount }
    return (await send({ ...at(gateway.url), path, headers })).status
  }
  t.same([await read(paying), await read(other), await read(other, '/api/payments/a/')], [200, 200, 403])
  const watched = await openConsole(browser as Browser, gateway.adminUrl)
  return { ...watched, gateway, paying, other, read }
}

/** Runs a test in the console, and looks then at what the page told, asked for and kept. */
function inConsole(name: string, run: (t: Test, bench: Awaited<ReturnType<typeof startBench>>) => Promise<void>) {
  t.test(name, { skip: withoutBrowser }, async t => {
    const bench = await startBench(t)
    await run(t, bench)
    t.same(bench.console, [], 'nothing on the console: no error, no breach of the policy')
    const secrets = [adminToken, bench.paying, bench.other]
    t.same(
      secrets.filter(secret => bench.urls.join('\n').includes(secret)),
      [],
      'no token stands in a URL',
    )
    t.same(
      [...new Set(bench.urls.map(url => new URL(url).origin))],
      [bench.gateway.adminUrl],
      'and nothing is asked elsewhere',
    )
    const kept = 'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])'
    t.equal(await bench.page.evaluate(kept), '[{},{},""]', 'nothing is kept by the browser')
  })
}

async function giveToken(page: Page): Promise<void> {
  await page.fill('#admin-token', adminToken)
  await page.click('#admin-token-use')
}

/** What the forms answer is looked at with the views. */
async function useForms(t: Test, page: Page, other: string): Promise<void> {
  await openView(page, 'Explain')
  await page.fill('#explain-target', '/api/payments/abc/')
  await page.click('#explain-form button')
  await page.waitForSelector('#explain-result >> text=Enter the admin token first')
  await giveToken(page)
  await page.fill('#explain-token', other)
  await page.fill('#explain-fields', 'Merchant-Account: 123ab45c67')
  await page.click('#explain-form button')
  await page.waitForSelector('#explain-result >> text=scope_insufficient')
  t.match(await page.textContent('#explain-result'), 'GET /api/payments/{ref}/, scope payments')
  await openView(page, 'Token')
  await page.fill('#inspected-token', other)
  await page.click('#token-form button')
  await page.waitForSelector('#token-result >> text=session token')
  const shown = (await page.textContent('body')) ?? ''
  t.match(await page.textContent('#token-result'), /timestamped.*Issued2/s)
  t.notMatch(shown, other.split('.').at(-1) as string, 'without its signature')
  t.equal(await page.inputValue('#inspected-token'), '')
}

inConsole('a decision is explained, a token inspected, and every view is for everybody', async (t, { page, other }) => {
  await useForms(t, page, other)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const view of views) {
      await openView(page, view)
      t.equal(await page.locator('.view:visible').count(), 1, `${view} in ${colorScheme}`)
    }
    // All at once: to look at each by itself takes five times as long.
    await page.evaluate("for (const view of document.querySelectorAll('.view')) view.classList.add('current')")
    t.same(await seriousFindings(page), [], colorScheme)
  }
  await page.setViewportSize({ width: 360, height: 740 })
  for (const view of views) {
    await openView(page, view)
    t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360, `${view} does not scroll sideways`)
  }
})

inConsole(
  'the view of the moment shows requests, refusals and the budget, and goes on',
  async (t, { page, ...bench }) => {
    t.match(await page.textContent('#reasons'), 'scope_insufficient')
    t.match(await page.textContent('#budget'), '898 of 900')
    t.equal(await page.locator('#decisions tr').count(), 3)
    await bench.read(bench.other, '/api/refunds/')
    await page.waitForSelector('#decisions >> text=route_not_allowed')
    t.equal(await page.locator('#decisions tr').count(), 4)
    t.equal(await page.locator('#decisions').getByText(markup, { exact: true }).count(), 2, 'markup is text')
  },
)

inConsole('a use case is revoked by keyboard alone, and after a typed word only', async (t, { page, ...bench }) => {
  const { keyboard } = page
  await tabTo(page, 'admin-token')
  await keyboard.type(adminToken)
  await keyboard.press('Enter')
  t.equal(await page.inputValue('#admin-token'), '')
  t.equal(await page.evaluate('document.activeElement.id'), 'admin-token-forget')
  for (let link = 0; link < views.indexOf('Sessions') + 1; link++) await keyboard.press('Tab')
  await keyboard.press('Enter')
  t.equal(await page.evaluate('document.activeElement.id'), 'sessions-heading')
  await tabTo(page, 'revoked-use-case')
  await keyboard.type('checkout')
  await keyboard.press('Escape')
  await keyboard.press('Tab')
  await keyboard.press('Enter')
  t.equal(await page.evaluate('document.activeElement.id'), 'confirm-word')
  t.match(await page.textContent('#confirm-text'), 'use case “checkout”')
  t.same(await seriousFindings(page), [])
  await keyboard.type('checkou')
  await keyboard.press('Enter')
  t.equal(await bench.read(bench.paying), 200, 'a word that is not whole revokes nothing')
  await keyboard.type('t')
  await keyboard.press('Enter')
  await page.waitForSelector('#revoke-result >> text=Revoked.')
  t.same([await bench.read(bench.paying), await bench.read(bench.other)], [401, 200])
  await page.waitForFunction('document.getElementById("revocations-held").textContent === "1"')
})
