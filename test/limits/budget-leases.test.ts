import t from 'tap'
import { shareAlone } from '../../src/limits/budget-leases.ts'

const alone = { requests: 900, replicas: 2, held: 600, awayMs: 0, windowMs: 300_000 }

t.test('a replica that held more than an equal part falls to it at once', async t => {
  t.equal(shareAlone(alone), 450)
})

t.test('a replica that held less waits a window, while the requests of the others still count', async t => {
  t.equal(shareAlone({ ...alone, held: 300 }), 300)
  t.equal(shareAlone({ ...alone, held: 300, awayMs: 299_999 }), 300)
  t.equal(shareAlone({ ...alone, held: 300, awayMs: 300_000 }), 450)
})

t.test('equal parts of a limit that does not divide are rounded down', async t => {
  t.equal(shareAlone({ ...alone, replicas: 7 }), 128)
})

t.test('a replica that never reached the shared state sends nothing for a window', async t => {
  t.equal(shareAlone({ ...alone, replicas: 1, held: 0 }), 0)
  t.equal(shareAlone({ ...alone, replicas: 1, held: 0, awayMs: 300_000 }), 900)
})

t.test('no known replica counts as this one', async t => {
  t.equal(shareAlone({ ...alone, replicas: 0, awayMs: 300_000 }), 900)
})
