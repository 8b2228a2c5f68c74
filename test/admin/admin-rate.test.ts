import t from 'tap'
import type { AdminRefusal, AdminRoute } from '../../src/admin/admin-call.ts'
import { type AdminRate, createAdminRate } from '../../src/admin/admin-rate.ts'
import { refusalOf, startAdmin } from '../fixtures/admin-client.ts'

const done = () => ({ status: 200, body: {} })
const routes: readonly AdminRoute[] = [
  { method: 'POST', path: '/change', isProtected: true, answer: done },
  { method: 'GET', path: '/open', isProtected: false, answer: done },
]

/** Seconds that an address is told to wait after another wrong token; 0: none. */
function waitOf(rate: AdminRate, address: string): number {
  try {
    rate.noteFailure(address)
    return 0
  } catch (error) {
    return (error as AdminRefusal).retryAfterSec
  }
}

t.test('after ten wrong tokens an address is told to wait; the right one is let in, and reading goes on', async t => {
  let now = 0
  const { ask } = await startAdmin(t, routes, { rate: createAdminRate({ now: () => now }) })
  for (let guess = 0; guess < 10; guess++)
    t.equal(refusalOf(await ask('/change', { token: `guess-${guess}`, body: {} })), '401 unauthorized')
  now = 59_000
  const guess = () => ask('/change', { token: 'another-guess', body: {} })
  const refused = await guess()
  t.equal(refusalOf(refused), '429 too_many_requests')
  t.match(refused.fields, { 'retry-after': '1', connection: 'close' })
  t.equal((await ask('/open', { token: null })).status, 200)
  t.equal((await ask('/change', { body: {} })).status, 200)
  now = 59_999
  t.equal((await guess()).status, 429)
  now = 60_000
  t.equal(refusalOf(await guess()), '401 unauthorized')
})

t.test(
  'wrong tokens that are refused with 429 do not make the wait longer, and other addresses do not wait',
  async t => {
    let now = 0
    const rate = createAdminRate({ failures: { requests: 1, windowSec: 60 }, now: () => now })
    rate.noteFailure('192.0.2.1')
    t.same([waitOf(rate, '192.0.2.1'), waitOf(rate, '::ffff:192.0.2.1')], [60, 60])
    t.equal(waitOf(rate, '192.0.2.2'), 0)
    now = 60_000
    t.equal(waitOf(rate, '192.0.2.1'), 0)
  },
)

t.test('calls with the token have a limit of their own: 6000 in a minute', async t => {
  const rate = createAdminRate({ now: () => 0 })
  for (let call = 0; call < 6000; call++) rate.admit('127.0.0.1')
  t.throws(() => rate.admit('127.0.0.1'), { status: 429, code: 'too_many_requests', retryAfterSec: 60 })
})

t.test('where no token is configured nothing counts as a guess', async t => {
  const { ask } = await startAdmin(t, routes, { token: () => undefined })
  for (let call = 0; call < 12; call++) t.equal(refusalOf(await ask('/change', { body: {} })), '403 forbidden')
})

for (const [site, status] of [
  ['same-origin', 200],
  ['none', 200],
  ['same-site', 403],
  ['cross-site', 403],
  ['anything', 403],
] as const) {
  t.test(`a browser that calls from ${site} gets ${status}`, async t => {
    const { ask } = await startAdmin(t, routes)
    const fields = { 'Sec-Fetch-Site': site }
    t.equal((await ask('/open', { fields })).status, status)
    const json = { ...fields, 'Content-Type': 'application/json' }
    t.equal((await ask('/change', { fields: json, body: {} })).status, status)
  })
}

t.test('a link to the console may stand on any page; a frame, an image or a script may not', async t => {
  const { ask } = await startAdmin(t, routes)
  const link = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' }
  t.equal((await ask('/open', { fields: link })).status, 200)
  t.equal((await ask('/change', { fields: link, body: {} })).status, 403)
  for (const dest of ['iframe', 'image', 'script', 'empty'])
    t.equal((await ask('/open', { fields: { ...link, 'Sec-Fetch-Dest': dest } })).status, 403, dest)
})

t.test('of a browser only JSON is taken, of a program anything that parses', async t => {
  const { ask } = await startAdmin(t, routes)
  const own = { 'Sec-Fetch-Site': 'same-origin' }
  for (const type of [
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'text/plain',
    'application/jsonx',
    '',
  ]) {
    const fields = { ...own, 'Content-Type': type }
    t.equal(refusalOf(await ask('/change', { fields, body: {} })), '415 unsupported_media_type', type)
  }
  t.equal(
    (await ask('/change', { fields: { ...own, 'Content-Type': 'Application/JSON; charset=utf-8' }, body: {} })).status,
    200,
  )
  t.equal(
    (await ask('/change', { fields: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: {} })).status,
    200,
  )
})

t.test('no answer can be framed, loaded by another site, or taken for something else', async t => {
  const { ask } = await startAdmin(t, routes)
  for (const path of ['/open', '/absent']) {
    t.match((await ask(path)).fields, {
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
  }
})
