import t from 'tap'
import { createMerchantPin } from '../../src/gate/merchant-account.ts'

const table: readonly (readonly [pinned: readonly string[], value: string | undefined, isAllowed: boolean])[] = [
  [[], 'anything', true],
  [[], '', true],
  [[], undefined, true],
  [['a1'], 'a1', true],
  [['a1'], 'mid/a1', true],
  [['mid/a1'], 'a1', true],
  [['mid/a1'], 'mid/a1', true],
  [['a1', 'b2'], 'b2', true],
  [['a1'], undefined, true],
  [['a1'], 'A1', false],
  [['a1'], 'MID/a1', false],
  [['a1'], 'mid/mid/a1', false],
  [['a1'], 'mid/', false],
  [['a1'], '', false],
  [['a1'], ' a1', false],
  [['a1'], 'a1, b2', false],
  [['a1'], 'a10', false],
]
for (const [pinned, value, isAllowed] of table) {
  const sentence = `with [${pinned.join(', ')}] pinned, ${value === undefined ? 'no account' : `"${value}"`}`
  t.test(`${sentence} ${isAllowed ? 'passes' : 'does not pass'}`, async t => {
    t.equal(createMerchantPin(pinned.map(account => [account])).isAllowed(value), isAllowed)
  })
}

t.test('all spellings of one entry name one merchant', async t => {
  const pin = createMerchantPin([['123ab45c67', '1234567'], ['other']])
  t.equal(pin.isAllowed('1234567'), true)
  t.equal(pin.isSame('1234567', 'mid/123ab45c67'), true)
  t.equal(pin.isSame('mid/1234567', '123ab45c67'), true)
  t.equal(pin.isSame('other', '123ab45c67'), false)
})

t.test('a session of a merchant may be used without naming one, and with its own name only', async t => {
  const pin = createMerchantPin([])
  t.equal(pin.isSame(undefined, '123ab45c67'), true)
  t.equal(pin.isSame('mid/123ab45c67', '123ab45c67'), true)
  t.equal(pin.isSame('123ab45c68', '123ab45c67'), false)
})
