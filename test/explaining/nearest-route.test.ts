import t from 'tap'
import { nearestRoute } from '../../src/explaining/nearest-route.ts'
import { defaultPolicy } from '../fixtures/config.ts'

const policy = defaultPolicy()

for (const [method, path, route, ...differs] of [
  ['GET', '/api/order/9kx72hbd31/', 'GET /api/orders/{ref}/', 'spelling'],
  ['GET', '/API/Orders/9kx72hbd31', 'GET /api/orders/{ref}/', 'spelling'],
  ['GET', '/orders/9kx72hbd31/', 'GET /api/orders/{ref}/', 'missing_segment'],
  ['GET', '/api/orders/', 'GET /api/orders/{ref}/', 'missing_segment'],
  ['GET', '/api/v1/orders/9kx72hbd31/', 'GET /api/orders/{ref}/', 'extra_segment'],
  ['GET', '/api/orders/9kx.72/', 'GET /api/orders/{ref}/', 'reference'],
  ['GET', `/api/orders/${'a'.repeat(65)}/`, 'GET /api/orders/{ref}/', 'reference'],
  ['get', '/api/orders/9kx72hbd31/', 'GET /api/orders/{ref}/', 'method'],
  ['GET', '/api/payments/6ae6a45ff1/capture/', 'POST /api/payments/{ref}/capture/', 'method'],
  ['POST', '/api/payments/6ae6a45ff1/captur/', 'POST /api/payments/{ref}/capture/', 'spelling'],
  ['GET', '/api/payments/6ae6a45ff1/captur/', 'GET /api/payments/{ref}/', 'extra_segment'],
  ['DELETE', '/api/order/a/', 'GET /api/orders/{ref}/', 'spelling', 'method'],
  ['POST', '/balance_session/', 'POST /api/balance_sessions/', 'missing_segment', 'spelling'],
] as const) {
  t.test(`who asks for ${method} ${path.slice(0, 40)} may mean ${route}: ${differs.join(', ')}`, async t => {
    t.same(nearestRoute(policy, method, path), { route, differs })
  })
}

for (const [method, path] of [
  ['POST', '/api/sessions/'],
  ['GET', '/'],
  ['GET', '/o/token/'],
  ['GET', '/something/else/altogether/'],
  ['DELETE', '/orders/a/'],
  ['GET', `/${'api/'.repeat(17)}`],
  ['GET', `/api/${'orders'.repeat(20)}/a/`],
] as const) {
  t.test(`nothing is near to ${method} ${path.slice(0, 40)}`, async t => {
    t.equal(nearestRoute(policy, method, path), undefined)
  })
}
