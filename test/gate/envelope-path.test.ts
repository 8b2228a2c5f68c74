import t from 'tap'
import { envelopePath } from '../../src/gate/envelope-path.ts'

const word31 = `${'a1'.repeat(15)}b`

for (const [target, path] of [
  ['/api/orders/9kx72hbd31/payments/?page=2#a', '/api/orders/9kx72hbd31/payments/'],
  ['', ''],
  ['/api/orders/99994111111/', '/api/orders/99994111111/'],
  ['/api/orders/999941111111/', '/'],
  [`/api/orders/${word31}/`, `/api/orders/${word31}/`],
  [`/api/orders/${word31}2/`, '/'],
  [`/api/orders/${'a'.repeat(32)}/`, `/api/orders/${'a'.repeat(32)}/`],
  ['/api/orders/%2e%2e/sessions/', '/api/orders/%2e%2e/sessions/'],
  ['/api/orders/a%3Fb/', '/'],
  ['//user:word@host/', '/'],
  ['/api/orders/a;b=c/', '/'],
  ['/api/orders/sandbox%255FsZaw0123456789abcdefghijklmnop/', '/'],
  [`/${'a'.repeat(2000)}`, `/${'a'.repeat(1023)}`],
  [`/${'a'.repeat(2000)}/999941111111/`, '/'],
] as const) {
  t.test(`the envelope of ${target.slice(0, 60)} (${target.length}) has the path ${path.slice(0, 60)}`, async t => {
    t.equal(envelopePath(target), path)
  })
}
