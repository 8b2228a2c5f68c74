import t from 'tap'
import {
  inAuthorization,
  inCookies,
  inCredentialField,
  inOtherField,
  inTarget,
} from '../../src/gate/second-credentials.ts'
import { anAuthenticationToken, aToken } from '../fixtures/token.ts'

const auth = anAuthenticationToken()
const session = aToken()
type Kind = 'authentication' | 'session' | undefined

function tell(name: string, find: (text: string) => Kind, table: readonly (readonly [text: string, kind: Kind])[]) {
  for (const [text, kind] of table) {
    const shown = text.replaceAll(session, '<session token>').replaceAll(auth, '<authentication token>')
    t.test(`${name} "${shown}" carries ${kind ?? 'nothing'}`, async t => t.equal(find(text), kind))
  }
}

tell('Authorization', inAuthorization, [
  ['', undefined],
  [`Bearer ${session}`, undefined],
  [session, undefined],
  ['Bearer opaque', undefined],
  ['Basic', 'authentication'],
  ['BASIC abc', 'authentication'],
  ['basic\tabc', 'authentication'],
  ['Digest username="a"', 'authentication'],
  ['Basically abc', undefined],
  [`Bearer ${auth}`, 'authentication'],
  [auth, 'authentication'],
  ['dev_a', 'authentication'],
  ['Bearer dev_a', 'authentication'],
  ['Bearer   dev_a', 'authentication'],
  ['Bearer dev_', undefined],
  [`Bearer ${session}, Bearer ${auth}`, 'authentication'],
])

tell('a credential field', inCredentialField, [
  ['', undefined],
  ['a', 'session'],
  [' ', 'session'],
  [session, 'session'],
  ['dev_a', 'authentication'],
  [auth, 'authentication'],
  ['Basic abc', 'authentication'],
])

tell('any other field', inOtherField, [
  ['', undefined],
  ['dev_a', undefined],
  ['Basic abc', undefined],
  [auth, 'authentication'],
  [session, 'session'],
  [auth.replace('_', '%5f'), 'authentication'],
  [auth.replace('_', '%255F'), 'authentication'],
  [session.replace('_', '%5F'), 'session'],
  ['100% sure_', undefined],
])

tell('the cookie line', inCookies, [
  ['', undefined],
  ['a=b; c=d', undefined],
  ['token', undefined],
  ['token=', undefined],
  ['session_token=a', 'session'],
  ['a=b;session_token=a', 'session'],
  ['a=b; Access-Token=a', 'session'],
  [' session_token = a', 'session'],
  ['session%5Ftoken=a', 'session'],
  ['client_id=a', 'authentication'],
  ['client_id=', undefined],
  [`a=${auth}`, 'authentication'],
  [`a="${auth}"`, 'authentication'],
  [`${auth}`, 'authentication'],
  [`${auth}=`, 'authentication'],
  [`a=${session}`, 'session'],
  [`session_token=a; b=${auth}`, 'authentication'],
  ['session_token=dev_a', 'authentication'],
  ['a=dev_a', undefined],
])

tell('the target', inTarget, [
  ['/', undefined],
  ['/a_b/', undefined],
  ['/a?token', undefined],
  ['/a?token=', undefined],
  ['/a?token=b', 'session'],
  ['/a?b=c&token=d', 'session'],
  ['/a?b=c;token=d', 'session'],
  ['/a?token=b=c', 'session'],
  ['/a?b?token=c', undefined],
  ['/a?client_secret=b', 'authentication'],
  ['/a?token=b&client_secret=c', 'authentication'],
  [`/${auth}`, 'authentication'],
  [`/${auth}?a=b`, 'authentication'],
  [`/${session}?a=b`, 'session'],
  [`/${session}?a=${auth}`, 'authentication'],
  [`/a#${auth}`, 'authentication'],
  [`/%73${auth.slice(1)}`, 'authentication'],
  [`/%2573${auth.slice(1)}`, 'authentication'],
  [`/%25252573${auth.slice(1)}`, 'authentication'],
  ['/dev_a', undefined],
  ['/%', undefined],
  ['/%zz_', undefined],
])
