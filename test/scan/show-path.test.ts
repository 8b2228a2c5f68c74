import t from 'tap'
import { showPath } from '../../src/scan/show-path.ts'
import { plantedTokens } from './planted.ts'

t.test('an ordinary path is shown as it is', async t => {
  for (const path of ['src/scan/scan.ts', 'Größe/naïve 😀.txt', 'C:\\a', '-']) t.equal(showPath(path), path)
})

t.test('a path cannot end a line, move the cursor or turn text around', async t => {
  t.equal(showPath('a\nb\u001b[2J\u202ec\u0085'), 'a\\u000ab\\u001b[2J\\u202ec\\u0085')
})

t.test('tokens in a path are masked', async t => {
  const { authentication, jwt } = plantedTokens()
  const shown = `${authentication.slice(0, 12)}…`
  t.equal(showPath(`a/${authentication}.txt`), `a/${shown}.txt`)
  t.equal(showPath(`${jwt}/${authentication}/x`), `sandbox_eyJ0…/${shown}/x`)
})
