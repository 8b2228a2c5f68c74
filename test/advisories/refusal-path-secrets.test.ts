/*
 * A refusal repeated secrets that stood in the path of the request.
 *
 * The path of the error envelope was left out where it held a token of Forage in plain letters. It was repeated where the
 * token was percent-encoded, where it began before the 1024th character and ended behind it, and where the secret was
 * another one: a card number, the client secret, a token of the merchant's sign-in, the password of a URL. Error bodies
 * end up in the logs of apps and of whatever stands between. The admin listener repeated any path.
 */
import t from 'tap'
import { denials } from '../../src/gate/reasons.ts'
import { refusal } from '../../src/hosts/refusal.ts'
import { refusalOf, startAdmin } from '../fixtures/admin-client.ts'
import { createJwtSigner } from '../fixtures/jwt-signer.ts'
import { anAuthenticationToken, aToken } from '../fixtures/token.ts'

const token = anAuthenticationToken()
const signInToken = createJwtSigner('ES256').token({ prefix: '' })

function encoded(text: string): string {
  return [...text].map(letter => `%${letter.charCodeAt(0).toString(16)}`).join('')
}

function pathIn(body: string): string {
  return JSON.parse(body).path
}

const targets: Readonly<Record<string, string>> = {
  'an authentication token, its "_" percent-encoded': `/api/orders/${token.replace('_', '%5F')}/`,
  'an authentication token, percent-encoded twice': `/api/orders/${encoded(token).replaceAll('%', '%25')}/`,
  'a session token, its dots percent-encoded': `/api/orders/${aToken().replaceAll('.', '%2E')}/`,
  'an authentication token that the end cuts off': `/${'a'.repeat(995)}/${token}/`,
  'a client secret': `/api/orders/${'aB3dE6gH9k'.repeat(12)}/`,
  'a key in hexadecimal': '/api/orders/00112233445566778899aabbccddeeff/',
  'a token of the sign-in': `/api/orders/${signInToken}/`,
  'a card number': '/api/orders/9999411111111111/',
  'a card number of 12 digits, percent-encoded': `/api/orders/${encoded('999941111111')}/`,
  'a password': 'http://app:secret@api.example/api/orders/a/',
  'a query whose question mark is encoded': '/api/orders/a%3Fpin=1234',
  'a path parameter': '/api/orders/a;session=4711/',
}
for (const [what, target] of Object.entries(targets)) {
  t.test(`a path with ${what} is not repeated`, async t => {
    const request = { target, requestId: 'r1', responseFields: [] }
    t.equal(pathIn(refusal(denials.route_not_allowed, request).body), '/')
    const { url, ask } = await startAdmin(t, [])
    const reply = await ask(target.startsWith('/') ? target : `/${target}`)
    t.equal(refusalOf(reply), '404 not_found', url)
    t.equal(pathIn(reply.text), '/')
  })
}

for (const path of [
  '/api/orders/9kx72hbd31/payments/6ae6a45ff1/capture_payment/',
  '/api/orders/99994111111/',
  `/api/orders/${'a1'.repeat(15)}b/`,
  `/api/orders/${'a'.repeat(64)}/`,
  '/api/orders/%2e%2e/sessions/',
  '*',
]) {
  t.test(`the path ${path.slice(0, 60)} is repeated`, async t => {
    const request = { target: `${path}?a=b`, requestId: 'r1', responseFields: [] }
    t.equal(pathIn(refusal(denials.target_ambiguous, request).body), path)
  })
}
