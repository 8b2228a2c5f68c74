/*
 * Weakness: pino's destination flushes by trying again for ever, whatever the error. With a full disk behind the log, a
 * gateway that was told to stop hung in a busy loop and never ended; so did one whose reader had stopped reading.
 */
import t from 'tap'
import { openLogger } from '../../src/observability/logger.ts'
import { startForwarding } from '../fixtures/forwarding-gateway.ts'
import { aRequest } from '../fixtures/live-token.ts'
import { aLog } from '../fixtures/log-file.ts'
import { openRaw } from '../fixtures/raw-connection.ts'
import { startRecorder } from '../fixtures/recorder.ts'

t.test('a flush to a full disk comes back, and lines may be written after it', async t => {
  const { logger, flush } = openLogger({ level: 'info', destination: '/dev/full' })
  for (let count = 0; count < 1000; count++) logger.info('x'.repeat(100))
  flush()
  logger.info('still there')
  flush()
  t.pass('the flush came back')
})

t.test('requests are served while the disk of the log is full, and the gateway stops', async t => {
  const recorder = await startRecorder(t)
  const gateway = await startForwarding(t, recorder.url, {}, { log: aLog('/dev/full', 'trace') })
  const client = await openRaw(t, gateway.url)
  for (let count = 0; count < 100; count++) {
    client.send(aRequest({}))
    t.equal((await client.answer()).status, 200)
  }
  await gateway.stop()
})
