import t from 'tap'
import { errorEnvelope } from '../../src/forage/error-envelope.ts'

const error = { code: 'invalid_token', message: 'No.', resource: 'Session_Token' }

t.test('the body is to the letter what the released SDKs can read', async t => {
  t.equal(
    errorEnvelope('/api/orders/a/', error),
    '{"path":"/api/orders/a/","errors":[{"code":"invalid_token","message":"No.","source":{"resource":"Session_Token","ref":""}}]}',
  )
})

for (const path of ['', '*', '/a"b\\c', '/a\r\nb', '/\0', '/é/🍎', '/\ud800', '/</script>']) {
  t.test(`a path ${JSON.stringify(path)} comes through as it is, in a body that is JSON`, async t => {
    const body = errorEnvelope(path, error)
    t.equal(JSON.parse(body).path, path)
    t.equal(JSON.parse(body).errors.length, 1)
    t.notMatch(body, /[\0\r\n]/)
  })
}

t.test('a line separator in a path is no end of the body', async t => {
  t.equal(JSON.parse(errorEnvelope('/\u2028', error)).path, '/\u2028')
})

t.test('an error that was told before is told with the path of each request', async t => {
  t.equal(JSON.parse(errorEnvelope('/a', error)).path, '/a')
  t.equal(JSON.parse(errorEnvelope('/b', error)).path, '/b')
  const other = { ...error, code: 'forbidden' }
  t.equal(JSON.parse(errorEnvelope('/b', other)).errors[0].code, 'forbidden')
  t.equal(JSON.parse(errorEnvelope('/b', error)).errors[0].code, 'invalid_token')
})
