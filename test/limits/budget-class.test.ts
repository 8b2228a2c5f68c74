import t from 'tap'
import { type BudgetClass, budgetClassOf } from '../../src/limits/budget-class.ts'

const writes: readonly (readonly [string, string, BudgetClass])[] = [
  ['POST', '/api/payments/', 'payments'],
  ['PATCH', '/api/payments/{ref}/', 'payments'],
  ['POST', '/api/payments/{ref}/authorize/', 'payments'],
  ['POST', '/api/payments/{ref}/capture/', 'payments'],
  ['POST', '/api/payments/{ref}/capture_payment/', 'payments'],
  ['POST', '/api/payments/{ref}/collect_pin/', 'payments'],
  ['POST', '/api/payments/{ref}/cancel/', 'payments'],
  ['POST', '/api/payments/{ref}/void/', 'payments'],
  ['POST', '/proxy/api/payments/{ref}/capture/', 'payments'],
  ['POST', '/api/orders/{ref}/payments/', 'payments'],
  ['POST', '/api/session_token/', 'issuing'],
  ['POST', '/o/token/', 'issuing'],
  ['POST', '/api/payment_methods/', 'tokenisation'],
  ['PATCH', '/api/payment_methods/{ref}/', 'tokenisation'],
  ['POST', '/proxy/api/payment_methods/{ref}/balance/', 'tokenisation'],
  ['POST', '/api/balance_sessions/', 'tokenisation'],
  ['DELETE', '/api/paymentsx/', 'tokenisation'],
  ['POST', '/api/orders/{ref}/', 'tokenisation'],
]

for (const [method, template, expected] of writes) {
  t.test(`${method} ${template} belongs to ${expected}`, async t => {
    t.equal(budgetClassOf(method, template, false), expected)
    t.equal(budgetClassOf(method, template, true), expected)
  })
}

for (const method of ['GET', 'HEAD', 'OPTIONS']) {
  t.test(`${method} of a payment is a read the first time, and polling when it is repeated`, async t => {
    t.equal(budgetClassOf(method, '/api/payments/{ref}/', false), 'reads')
    t.equal(budgetClassOf(method, '/api/payments/{ref}/', true), 'polling')
  })
}
