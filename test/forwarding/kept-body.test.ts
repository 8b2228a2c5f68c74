import t from 'tap'
import { KeptBody, maxKeptBytes } from '../../src/forwarding/kept-body.ts'

t.test('a body of 64 KiB is kept, octet for octet; one octet more and nothing is', async t => {
  const body = new KeptBody()
  body.add(Buffer.alloc(maxKeptBytes - 1, 'a'))
  body.add(Buffer.from('b'))
  t.equal(body.octets()?.toString(), `${'a'.repeat(65_535)}b`)
  body.add(Buffer.from('c'))
  t.equal(body.octets(), undefined)
  body.add(Buffer.from('d'))
  t.equal(body.octets(), undefined)
})

t.test('nothing is left of a body that was dropped', async t => {
  const body = new KeptBody()
  body.add(Buffer.from('a'))
  body.drop()
  body.add(Buffer.from('b'))
  t.equal(body.octets(), undefined)
})
