import t from 'tap'
import { startIssuing } from '../fixtures/issuing.ts'

const week = 604_800

t.test('a text is known to be a token of ours until its end, also when it was replaced or retired', async t => {
  const { issuer, issue, texts, clock, timers, told } = await startIssuing(t)
  await issue('checkout')
  await issue('balance')
  const [checkout = '', balance = ''] = texts
  t.equal(issuer.useCaseOf(checkout), 'checkout')
  t.equal(issuer.useCaseOf(balance), 'balance')
  t.equal(issuer.useCaseOf(balance.replace('sandbox_', 'SandBox_')), 'balance')
  t.equal(issuer.useCaseOf(balance.toUpperCase()), undefined)
  for (const text of ['', 'sandbox_', checkout.slice(0, -1), `${checkout}a`]) t.equal(issuer.useCaseOf(text), undefined)
  await issuer.retire({ useCase: 'checkout' })
  t.equal(issuer.useCaseOf(checkout), 'checkout')
  t.equal(issuer.useCaseOf(texts[2] ?? ''), 'checkout')
  timers.advance(week - 86_400)
  await told('token_replaced', 2)
  t.equal(issuer.useCaseOf(balance), 'balance')
  clock.now += 86_399
  t.equal(issuer.useCaseOf(balance), 'balance')
  clock.now += 1
  t.equal(issuer.useCaseOf(balance), undefined)
})
