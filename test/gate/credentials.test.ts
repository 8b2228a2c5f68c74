import t from 'tap'
import { readCredentials } from '../../src/gate/credentials.ts'
import { readFacts } from '../../src/gate/request-facts.ts'
import { anAuthenticationToken } from '../fixtures/token.ts'

const auth = anAuthenticationToken()
const bearer = ['Authorization', 'Bearer sandbox_abcdefgh.b.c']

const table: readonly (readonly [what: string, fields: readonly string[], target: string, outcome: object])[] = [
  ['one bearer token', bearer, '/', { token: 'sandbox_abcdefgh.b.c' }],
  ['a token with padding in the middle', ['Authorization', 'Bearer a==.b.c'], '/', { token: 'a==.b.c' }],
  ['BEARER', ['Authorization', 'BEARER a.b.c'], '/', { token: 'a.b.c' }],
  ['nothing', [], '/', { reason: 'credentials_missing' }],
  ['nothing and a second credential', ['X-Key', 'a'], '/', { reason: 'credentials_missing' }],
  ['an empty value', ['Authorization', ''], '/', { reason: 'credentials_malformed' }],
  ['two lines', [...bearer, ...bearer], '/', { reason: 'credentials_multiple' }],
  ['two malformed lines', ['Authorization', 'a', 'Authorization', 'b'], '/', { reason: 'credentials_multiple' }],
  ['a second credential in a field', [...bearer, 'X-Key', 'a'], '/', { reason: 'credentials_multiple' }],
  ['a second credential in the query', bearer, '/?token=a', { reason: 'credentials_multiple' }],
  ['an authentication token in the query', bearer, `/?token=${auth}`, { reason: 'authentication_token' }],
  ['an authentication token in the path alone', [], `/${auth}`, { reason: 'authentication_token' }],
  ['both kinds of second credential', [...bearer, 'X-Key', 'a'], `/${auth}`, { reason: 'authentication_token' }],
  ['an authentication token in a field', [...bearer, 'X-Key', auth], '/?token=a', { reason: 'authentication_token' }],
]
for (const [what, fields, target, outcome] of table) {
  t.test(`${what}: ${JSON.stringify(outcome).replaceAll('"', '')}`, async t => {
    t.same(readCredentials(readFacts(fields), target), outcome)
  })
}
