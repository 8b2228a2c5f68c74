import t from 'tap'
import { denials, type Reason } from '../../src/gate/reasons.ts'
import { refusal } from '../../src/hosts/refusal.ts'

const request = { target: '/api/orders/abc/?q=1', requestId: 'r1', responseFields: ['Vary', 'Origin'] }

t.test(
  'a refusal is the envelope, with its length in octets, not cached, with the request id and the CORS fields',
  async t => {
    const { status, fields, body } = refusal(denials.route_not_allowed, request)
    t.equal(status, 403)
    t.same(JSON.parse(body), {
      path: '/api/orders/abc/',
      errors: [
        {
          code: 'forbidden',
          message: 'Session tokens may not use this method and path.',
          source: { resource: 'Gateway', ref: '' },
        },
      ],
    })
    t.same(fields, [
      ...['Content-Type', 'application/json', 'Content-Length', String(Buffer.byteLength(body))],
      ...['Cache-Control', 'no-store', 'x-request-id', 'r1', 'Vary', 'Origin'],
    ])
  },
)

t.test('the length counts octets, also of a path that is not ASCII', async t => {
  const { fields, body } = refusal(denials.target_ambiguous, { ...request, target: '/\u00e9/' })
  t.equal(fields[3], String(Buffer.byteLength(body)))
  t.not(fields[3], String(body.length))
})

for (const [reason, challenge] of [
  ['credentials_missing', 'Bearer realm="forage"'],
  ['token_expired', 'Bearer realm="forage", error="invalid_token"'],
  ['scope_insufficient', 'Bearer realm="forage", error="insufficient_scope"'],
  ['credentials_multiple', 'Bearer realm="forage", error="invalid_request"'],
  ['authentication_token', undefined],
] as const) {
  t.test(`${reason} is challenged with ${challenge ?? 'nothing'}`, async t => {
    const { fields } = refusal(denials[reason], request)
    const index = fields.indexOf('WWW-Authenticate')
    t.equal(index < 0 ? undefined : fields[index + 1], challenge)
  })
}

for (const reason of Object.keys(denials) as Reason[]) {
  t.test(
    `${reason} is never 408 or a redirect, and has a Retry-After of 1 or more exactly when it is 429 or 503`,
    async t => {
      const { status, fields } = refusal(denials[reason], request)
      t.not(status, 408)
      t.ok(status >= 400 && status <= 599)
      const index = fields.indexOf('Retry-After')
      t.equal(index >= 0, status === 429 || status === 503)
      if (index >= 0) t.ok(Number(fields[index + 1]) >= 1)
    },
  )
}

for (const [seconds, written] of [
  [undefined, '1'],
  [0, '1'],
  [0.2, '1'],
  [1, '1'],
  [1.001, '2'],
  [42, '42'],
] as const) {
  t.test(`a wait of ${seconds} seconds is told as ${written}: whole, never 0, never too early`, async t => {
    const told = seconds === undefined ? request : { ...request, retryAfterSec: seconds }
    const { fields } = refusal(denials.rate_limited, told)
    t.equal(fields[fields.indexOf('Retry-After') + 1], written)
  })
}

t.test('a token that stands in the path is not repeated, and neither is an endless path', async t => {
  const token = `sandbox_${'sZaw0123456789abcdefghijklmnop'}`
  t.equal(JSON.parse(refusal(denials.route_not_allowed, { ...request, target: `/a/${token}/` }).body).path, '/')
  const long = refusal(denials.route_not_allowed, { ...request, target: `/${'a'.repeat(5000)}` })
  t.equal(JSON.parse(long.body).path.length, 1024)
})
