import t from 'tap'
import type { JwtAlgorithm } from '../../src/session/algorithms.ts'
import type { KeySelection } from '../../src/session/jwt-keys.ts'
import { createRemoteKeys, type RemoteKeysOptions } from '../../src/session/remote-keys.ts'
import { createJwtSigner } from '../fixtures/jwt-signer.ts'

const [a, b] = [createJwtSigner('ES256').jwk, createJwtSigner('ES256').jwk]
const start = 1_800_000_000

/** Remote keys on a clock and a network of the test's own. */
function aSource(options: Partial<RemoteKeysOptions> = {}) {
  const state = {
    now: start,
    body: JSON.stringify({ keys: [{ ...a, kid: 'a' }] }),
    isDown: false,
    fetches: 0,
    changes: 0,
  }
  const failures: unknown[] = []
  let hold: Promise<void> | undefined
  const source = createRemoteKeys({
    url: 'https://keys.example/',
    algorithms: ['ES256'] as readonly JwtAlgorithm[],
    async fetchOctets() {
      state.fetches++
      await hold
      if (state.isDown) throw new Error('down')
      return Buffer.from(state.body)
    },
    now: () => state.now,
    onFailure: error => failures.push(error),
    onKeysChanged: () => state.changes++,
    ...options,
  })
  const ask = async (keyId?: string): Promise<string> => shown(await source.find('ES256', keyId))
  return {
    state,
    failures,
    ask,
    find: (keyId?: string) => source.find('ES256', keyId),
    publish: (...keys: object[]) => {
      state.body = JSON.stringify({ keys })
    },
    /** Fetches wait from now on, until the returned function is called. */
    hold() {
      let release = () => {}
      hold = new Promise(resolve => {
        release = resolve
      })
      return () => {
        hold = undefined
        release()
      }
    },
  }
}

const shown = (found: KeySelection) => (found === 'unavailable' ? found : found.map(key => key.keyId).join())
const settled = () => new Promise(resolve => setImmediate(resolve))

t.test('nothing is fetched before a token asks, and once for all that ask at the same time', async t => {
  const { state, ask, find } = aSource()
  t.equal(state.fetches, 0)
  t.same(await Promise.all([ask('a'), ask('a'), ask()]), ['a', 'a', 'a'])
  t.equal(state.fetches, 1)
  t.notOk(find('a') instanceof Promise, 'a key that is known is there at once')
})

t.test('an unknown kid fetches once per cooldown: not after 29 seconds, but after 30', async t => {
  const { state, ask } = aSource()
  await ask('a')
  state.now += 29
  for (let index = 0; index < 1000; index++) t.equal(await ask(`unknown-${index}`), '')
  t.equal(state.fetches, 1)
  state.now += 1
  const asked = Array.from({ length: 1000 }, (_, index) => ask(`unknown-${index}`))
  t.same(new Set(await Promise.all(asked)), new Set(['']))
  t.equal(state.fetches, 2)
})

t.test('a key that was published a moment ago is found by the token that names it', async t => {
  const { state, ask, publish } = aSource()
  await ask('a')
  publish({ ...a, kid: 'a' }, { ...b, kid: 'b' })
  state.now += 30
  t.equal(await ask('b'), 'b')
  t.equal(await ask('a'), 'a')
})

t.test('the set is fetched again after ten minutes, beside the requests', async t => {
  const { state, ask, find } = aSource()
  await ask('a')
  state.now += 599
  find('a')
  t.equal(state.fetches, 1)
  state.now += 1
  t.notOk(find('a') instanceof Promise)
  find('a')
  t.equal(state.fetches, 2, 'once, however many ask')
  await settled()
  state.now += 599
  find('a')
  t.equal(state.fetches, 2)
})

for (const [what, body] of [
  ['nothing', undefined],
  ['a page of HTML', '<html>'],
  ['an empty set', '{"keys":[]}'],
  ['keys of another family', JSON.stringify({ keys: [createJwtSigner('EdDSA').jwk] })],
  ['a secret', JSON.stringify({ keys: [createJwtSigner('HS256').jwk] })],
  ['octets that are not UTF-8', '\ufffd'],
] as const) {
  t.test(`when the URL serves ${what}, the last good set stays for a day, and then there are no keys`, async t => {
    const { state, ask, find, failures } = aSource({
      fetchOctets: async () => {
        state.fetches++
        if (state.fetches === 1) return Buffer.from(JSON.stringify({ keys: [{ ...a, kid: 'a' }] }))
        if (body === undefined) throw new Error('down')
        return body === '\ufffd' ? Buffer.from([0xff]) : Buffer.from(body)
      },
    })
    await ask('a')
    state.now = start + 600
    t.equal(await ask('a'), 'a')
    await settled()
    t.equal(failures.length, 1)
    state.now = start + 86_400
    t.equal(await ask('a'), 'a')
    await settled()
    state.now = start + 86_401
    t.equal(shown(find('a') as KeySelection), 'unavailable', 'not 30 seconds after the last try')
    state.now += 30
    t.equal(await ask('a'), 'unavailable')
    t.equal(await ask('b'), 'unavailable')
  })
}

t.test('keys that were never there are unavailable, and asked for once per cooldown', async t => {
  const { state, ask } = aSource()
  state.isDown = true
  t.equal(await ask('a'), 'unavailable')
  state.now += 29
  t.equal(await ask('a'), 'unavailable')
  t.equal(state.fetches, 1)
  state.now += 1
  state.isDown = false
  t.equal(await ask('a'), 'a')
})

t.test('a fetch that hangs holds up those only who need it', async t => {
  const { state, ask, find, hold } = aSource()
  await ask('a')
  const release = hold()
  state.now += 700
  t.notOk(find('a') instanceof Promise)
  const waiting = ask('b')
  state.now += 700
  t.notOk(find('a') instanceof Promise, 'and none is begun beside it')
  t.equal(state.fetches, 2)
  release()
  t.equal(await waiting, '')
})

t.test('a change of the set is told: a key gone, added, or replaced under its own name', async t => {
  const { state, ask, publish } = aSource()
  await ask('a')
  t.equal(state.changes, 0, 'the first set is no change')
  const fetchAgain = async (changes: number, what: string) => {
    state.now += 600
    await ask('a')
    await settled()
    await settled()
    t.equal(state.changes, changes, what)
  }
  await fetchAgain(0, 'the same')
  publish({ ...b, kid: 'a' })
  await fetchAgain(1, 'another key of the same name')
  publish({ ...b, kid: 'a' }, { ...a, kid: 'b' })
  await fetchAgain(2, 'one more')
  publish({ ...a, kid: 'b' })
  await fetchAgain(3, 'one gone')
})

t.test('a clock that is set back by an hour does not stop the fetches', async t => {
  const { state, ask } = aSource()
  await ask('a')
  state.now -= 3600
  await ask('unknown')
  t.equal(state.fetches, 2)
  await ask('unknown')
  t.equal(state.fetches, 2)
})
