/*
 * A day at a shop, replayed in front of the simulator: customers who pay, look at balances and come back too late, an old app
 * that sends an authentication token, somebody who guesses, a policy that is narrowed in between. The log alone has to
 * answer what is asked on the day after, with the very lines of docs/operations.md.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import process from 'node:process'
import t, { type Test } from 'tap'
import type { Config } from '../../src/config/config.ts'
import { policyDigest } from '../../src/config/policy-digest.ts'
import { aPolicy } from '../fixtures/config.ts'
import { type IssuingBench, startIssuingGateway } from '../fixtures/issuing-gateway.ts'
import { missingPart } from '../fixtures/real-part.ts'
import { anAuthenticationToken } from '../fixtures/token.ts'

const card = { type: 'ebt', reusable: true, card: { number: '9999411111111111' } }
const morning = aPolicy({
  scopes: {
    payment_methods: ['POST /api/payment_methods/', 'GET /api/payment_methods/{ref}/'],
    orders: ['GET /api/orders/{ref}/'],
  },
  grants: {
    default: ['payment_methods', 'orders'],
    useCases: { checkout: ['payment_methods', 'orders'], balance: ['payment_methods'] },
  },
})
/** Reading orders is no longer what a session is for. */
const evening = aPolicy({
  scopes: { payment_methods: ['POST /api/payment_methods/', 'GET /api/payment_methods/{ref}/'] },
  grants: { default: ['payment_methods'], useCases: { checkout: ['payment_methods'], balance: ['payment_methods'] } },
})

/** The command under a heading of the documents. */
function documented(heading: string): string {
  const text = readFileSync('docs/operations.md', 'utf8')
  const [, command = ''] = text.slice(text.indexOf(heading)).match(/```sh\n(.+)\n```/) ?? []
  return command
}

/** Runs it beside the log of the day. @returns the columns of each line */
function answered(heading: string, folder: string, env: Record<string, string> = {}): readonly (readonly string[])[] {
  const { stdout, stderr, status } = spawnSync('sh', ['-c', documented(heading)], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  })
  if (status !== 0) throw new Error(stderr)
  return stdout
    .split('\n')
    .filter(Boolean)
    .map(line => line.split('\t'))
}

/** One customer buys something. */
async function shop({ issue, signIn, ask }: IssuingBench, customer: string): Promise<string> {
  const token = JSON.parse((await issue(signIn({ sub: customer }), '{"use_case":"checkout"}')).text).token as string
  const { ref } = JSON.parse((await ask(token, '/api/payment_methods/', card)).text)
  await ask(token, `/api/payment_methods/${ref}/`)
  await ask(token, '/api/orders/0a1b2c3d4e/')
  return token
}

async function aDay(t: Test): Promise<{ readonly folder: string; readonly customer: string }> {
  const bench = await startIssuingGateway(t, {}, { policy: morning })
  const { gateway, config, ask, log, admin, sessionFor } = bench
  const tokens: string[] = []
  for (const customer of ['ann', 'bob', 'cyd']) tokens.push(await shop(bench, customer))
  const oldApp = { 'X-Forage-Android-Sdk-Version': '3.9.1' }
  for (let count = 0; count < 4; count++)
    await ask(anAuthenticationToken(), '/api/orders/0a1b2c3d4e/', undefined, oldApp)
  await ask(anAuthenticationToken(), '/api/orders/0a1b2c3d4e/')
  await ask(await sessionFor('balance'), '/api/orders/0a1b2c3d4e/')
  for (const guess of ['a', 'b']) await ask(`sandbox_${guess}.b.c`, '/api/orders/0a1b2c3d4e/')
  await admin('/revocations', { token: tokens[2] })
  await ask(tokens[2] as string, '/api/orders/0a1b2c3d4e/')
  await gateway.use({ config: { ...config, policy: evening } as Config, generation: 2 })
  await shop(bench, 'ann')
  await gateway.stop()
  const first = log.lines().find(({ route, customer }) => route === '/session_token' && customer) as {
    customer: string
  }
  return { folder: dirname(log.log.destination), customer: first.customer }
}

t.test('the log of a day answers the questions of the day after', { skip: missingPart('jq') }, async t => {
  const { folder, customer } = await aDay(t)

  const refused = answered('Who was refused, and why:', folder)
  t.equal(refused.length, 10)
  t.same(
    refused.map(([, reason]) => reason),
    [
      ...Array(5).fill('authentication_token'),
      'scope_insufficient',
      'token_not_canonical',
      'token_not_canonical',
      'token_revoked',
      'route_not_allowed',
    ],
  )
  t.match(refused[5]?.[3], /^[\w-]{16}$/, 'the session of the balance app')
  t.equal(refused[0]?.[3], '127.0.0.1')

  t.same(answered('How often, by reason:', folder), [
    ['5', 'authentication_token'],
    ['1', 'route_not_allowed'],
    ['1', 'scope_insufficient'],
    ['2', 'token_not_canonical'],
    ['1', 'token_revoked'],
  ])
  t.same(answered('Which version of an app sent an authentication token:', folder), [
    ['1', 'unknown'],
    ['4', '3.9.1'],
  ])
  const shares = answered('How long Forage took', folder)
  t.same(
    shares.map(([route, count]) => [route, count]),
    [
      ['/api/orders/{ref}/', '3'],
      ['/api/payment_methods/', '4'],
      ['/api/payment_methods/{ref}/', '4'],
    ],
  )
  for (const [, , forage, ours] of shares) for (const figure of [forage, ours]) t.match(figure, /^\d+$/)
  t.match(answered('Which policy was in force', folder), [
    ['1', policyDigest(morning), /^20/, '22'],
    ['2', policyDigest(evening), /^20/, '4'],
  ])
  const checkout = answered("Everything about one customer's checkout", folder, { CUSTOMER: customer })
  t.equal(
    checkout.length,
    7,
    'ann was there twice, and the second time her order was refused before it was asked whose it is',
  )
})
