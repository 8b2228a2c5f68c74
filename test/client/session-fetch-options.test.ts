import t from 'tap'
import { checkOptions, type SessionFetchOptions } from '../../src/client/session-fetch-options.ts'

const fine = { getSessionToken: () => 'a' }
const problemsOf = (options: object): string => {
  try {
    checkOptions(options as SessionFetchOptions)
    return ''
  } catch (error) {
    return (error as TypeError).name === 'TypeError' ? (error as Error).message : String(error)
  }
}

t.test('getSessionToken alone is enough', async t => {
  t.equal(problemsOf(fine), '')
  t.equal(problemsOf({ ...fine, baseUrl: undefined, fetch: undefined }), '')
})

for (const baseUrl of [
  'https://pay.shop.example',
  'https://pay.shop.example/',
  'http://[::1]:8080',
  new URL('http://a'),
]) {
  t.test(`${baseUrl} is the origin of a gateway`, async t => {
    t.equal(problemsOf({ ...fine, baseUrl }), '')
  })
}

for (const baseUrl of [
  '',
  'pay.shop.example',
  '/api',
  'ftp://pay.shop.example',
  'https://pay.shop.example/api',
  'https://pay.shop.example/?a',
  'https://user:word@pay.shop.example',
  'https://päy.shop.example',
  null,
  42,
]) {
  t.test(`${JSON.stringify(baseUrl)} is no origin of a gateway`, async t => {
    t.match(problemsOf({ ...fine, baseUrl }), /^baseUrl: must be an http\(s\) origin such as [^;]+$/)
  })
}

for (const [renewBeforeSec, isFine] of [
  [0, true],
  [30, true],
  [-1, false],
  [Number.NaN, false],
  ['30', false],
] as const) {
  t.test(`renewBeforeSec may ${isFine ? '' : 'not '}be ${JSON.stringify(renewBeforeSec)}`, async t => {
    t.equal(problemsOf({ ...fine, renewBeforeSec }), isFine ? '' : 'renewBeforeSec: must be a number, 0 or more')
  })
}

t.test('all problems are told at once, and no value is repeated', async t => {
  t.equal(
    problemsOf({ token: 'secret-1', fetch: 'secret-2', randomKey: 1, now: 2, toString: 3 }),
    'token: is not an option; toString: is not an option; getSessionToken: is required; fetch: must be a function; ' +
      'randomKey: must be a function; now: must be a function',
  )
})
