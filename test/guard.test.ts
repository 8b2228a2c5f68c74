import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { configuredParts } from '../src/guard.ts'
import { aConfig } from './fixtures/config.ts'
import { logFileIn } from './fixtures/log-file.ts'
import { aStory, letIn, refusedAs } from './fixtures/story.ts'

t.test('a guard keeps log and audit trail as the configuration says, under the key that it says', async t => {
  const folder = t.testdir()
  const { log, lines } = logFileIn(folder)
  const destination = join(folder, 'audit.log')
  const config = aConfig('http://127.0.0.1:9', {
    log: { ...log, sampleSuccesses: 0, fingerprintKey: Buffer.alloc(32) },
    audit: { destination },
  })
  const { observe, close } = await configuredParts({ config })
  const allowed = letIn('/api/orders/{ref}/')
  allowed.facts.merchantAccount = '123ab45c67'
  observe(aStory({ decision: allowed }))
  observe(aStory({ decision: allowed, status: 404 }))
  observe(aStory({ decision: refusedAs('authentication_token'), reason: 'authentication_token', status: 403 }))
  await close()
  const requests = lines().filter(({ msg }) => msg === 'request')
  t.same(
    requests.map(({ status }) => status),
    [404, 403],
    'the success is sampled away',
  )
  // printf 123ab45c67 | openssl dgst -sha256 -mac HMAC -macopt hexkey:00…00 -binary | base64
  t.equal(requests[0]?.merchant_account, 'TMuxFxU_5Qe2_khd')
  const [event] = readFileSync(destination, 'utf8').split('\n')
  t.match(JSON.parse(event as string), { event: 'authentication_token_blocked', status: 403 })
})
