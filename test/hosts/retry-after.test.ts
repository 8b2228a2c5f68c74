import t from 'tap'
import { retryAfterOf } from '../../src/hosts/retry-after.ts'

for (const [lines, seconds] of [
  [['Retry-After', '40'], 40],
  [['Content-Length', '0', 'RETRY-after', '1'], 1],
  [['Retry-After', '0'], 0],
  [[Buffer.from('retry-after'), Buffer.from('7')], 7],
  [['Retry-After', '1', 'Retry-After', '9'], 1],
  [['Retry-After', 'Wed, 21 Oct 2026 07:28:00 GMT'], undefined],
  [['Retry-After', '-1'], undefined],
  [['Retry-After', '1.5'], undefined],
  [['Retry-After', '1234567'], undefined],
  [['Retry-After', ''], undefined],
  [['X-Retry-After', '5'], undefined],
  [[], undefined],
] as const) {
  t.test(`${lines.join(': ') || 'no field'} asks for ${seconds ?? 'no'} seconds`, async t => {
    t.equal(retryAfterOf(lines), seconds)
  })
}
