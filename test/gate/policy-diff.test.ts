import t from 'tap'
import type { PolicyDocument } from '../../src/gate/policy.ts'
import { comparePolicies } from '../../src/gate/policy-diff.ts'
import { aPolicy } from '../fixtures/config.ts'

const base: PolicyDocument = {
  scopes: { orders: ['GET /api/orders/{ref}/'], payments: ['POST /api/payments/', 'GET /api/payments/{ref}/'] },
  grants: { default: ['orders', 'payments'], useCases: { look: ['orders'] }, claim: 'scope' },
}

/** What changes from one document to the other, one line each. */
function changes(from: PolicyDocument, to: PolicyDocument): readonly string[] {
  return comparePolicies(aPolicy(from), aPolicy(to)).changes.map(({ holder, effect, route, except }) => {
    const who = holder.kind === 'default' ? 'default' : `${holder.kind} ${holder.name}`
    const rest = except.map(({ method, template }) => ` except ${method} ${template}`).join('')
    return `${who} ${effect} ${route.method} ${route.template}${rest}`
  })
}

t.test('a policy does not differ from itself, nor from one with other names and another order', async t => {
  t.same(comparePolicies(aPolicy(base), aPolicy(base)), { changes: [], claim: null })
  const respelt = {
    scopes: {
      payments: ['GET /api/payments/{payment_ref}/', 'POST /api/payments/'],
      orders: ['GET /api/orders/{order}/'],
    },
    grants: { ...base.grants, default: ['payments', 'orders'] },
  }
  t.same(changes(base, respelt), [])
})

t.test('a new route opens for its scope and for whoever is granted it, and closes the other way round', async t => {
  const wider = { ...base, scopes: { ...base.scopes, orders: ['GET /api/orders/{ref}/', 'GET /api/orders/'] } }
  t.same(changes(base, wider), [
    'default opens GET /api/orders/',
    'useCase look opens GET /api/orders/',
    'scope orders opens GET /api/orders/',
  ])
  t.same(changes(wider, base), [
    'default closes GET /api/orders/',
    'useCase look closes GET /api/orders/',
    'scope orders closes GET /api/orders/',
  ])
})

t.test('a parameter in place of a literal opens only what the literal did not', async t => {
  const only = (route: string): PolicyDocument => ({ scopes: { s: [route] }, grants: { default: ['s'] } })
  const [one, any] = [only('GET /api/a/one/'), only('GET /api/a/{ref}/')]
  t.same(changes(one, any), [
    'default opens GET /api/a/{ref}/ except GET /api/a/one/',
    'scope s opens GET /api/a/{ref}/ except GET /api/a/one/',
  ])
  t.same(changes(any, one), [
    'default closes GET /api/a/{ref}/ except GET /api/a/one/',
    'scope s closes GET /api/a/{ref}/ except GET /api/a/one/',
  ])
})

t.test('a route that moves to another scope changes nothing for sessions that have both', async t => {
  const moved = {
    ...base,
    scopes: { orders: [], payments: [...(base.scopes.payments ?? []), 'GET /api/orders/{ref}/'] },
  }
  t.same(changes(base, moved), [
    'useCase look closes GET /api/orders/{ref}/',
    'scope orders closes GET /api/orders/{ref}/',
    'scope payments opens GET /api/orders/{ref}/',
  ])
})

t.test('sessions of a use case that a policy does not list have its default grant', async t => {
  const narrower = { ...base, grants: { ...base.grants, useCases: { ...base.grants.useCases, pay: ['payments'] } } }
  t.same(changes(base, narrower), ['useCase pay closes GET /api/orders/{ref}/'])
  t.same(changes(narrower, base), ['useCase pay opens GET /api/orders/{ref}/'])
})

t.test('a grant that loses a scope closes the routes of it', async t => {
  const narrower = { ...base, grants: { ...base.grants, default: ['payments'] } }
  t.same(changes(base, narrower), ['default closes GET /api/orders/{ref}/'])
})

t.test('another claim, or none, is a difference', async t => {
  const without = { ...base, grants: { ...base.grants, claim: null } }
  t.same(comparePolicies(aPolicy(base), aPolicy(without)), { changes: [], claim: { from: 'scope', to: null } })
})
