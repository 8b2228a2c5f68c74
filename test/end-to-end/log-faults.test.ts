import { execFileSync, spawnSync } from 'node:child_process'
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createUpstream } from '../../src/forwarding/upstream.ts'
import { createGateFromConfig } from '../../src/gateway.ts'
import { createStandalone } from '../../src/hosts/standalone.ts'
import { createAccessLog } from '../../src/observability/access-log.ts'
import { openLogger } from '../../src/observability/logger.ts'
import { createRequestIds } from '../../src/observability/request-ids.ts'
import { aConfig } from '../fixtures/config.ts'
import { startGatewayProcess } from '../fixtures/gateway-process.ts'
import { aRequest } from '../fixtures/live-token.ts'
import { exchangeRaw, openRaw } from '../fixtures/raw-connection.ts'
import { listenOnLoopback, startRecorder } from '../fixtures/recorder.ts'
import { until } from '../fixtures/until.ts'

/** A gateway whose log can be reached, with room for a few dozen lines that wait. */
async function startLogging(t: Test, destination: string) {
  const { url: api } = await startRecorder(t)
  const log = openLogger({ level: 'info', destination, maxOctets: 20_000 })
  const server = createStandalone({
    gate: await createGateFromConfig(aConfig(api)),
    upstream: createUpstream({ ...aConfig(api).upstream, origin: api, maxBodyBytes: null }),
    observe: createAccessLog({ logger: log.logger, environment: 'sandbox', hashKey: Buffer.alloc(32) }),
    onFault() {},
    onUnauthorized() {},
    nextIds: createRequestIds(),
    maxHeaderBytes: 16_384,
    isDraining: () => false,
  })
  const url = await listenOnLoopback(t, server)
  const client = await openRaw(t, url)
  /** Asks so many times, and says under which request ids it was answered. */
  async function ask(times: number): Promise<readonly string[]> {
    const ids: string[] = []
    for (let count = 0; count < times; count++) {
      client.send(aRequest({}))
      const answer = await client.answer()
      if (answer.status === 200) ids.push(answer.field('x-request-id') as string)
    }
    return ids
  }
  return { log, ask }
}

type Line = Readonly<Record<string, unknown>>

function linesOf(text: string): readonly Line[] {
  const lines = text.split('\n').filter(line => line !== '')
  return lines.map(line => JSON.parse(line) as Line)
}

const isRequest = ({ msg }: Line): boolean => msg === 'request'
const isLoss = ({ event }: Line): boolean => event === 'log_lines_lost'

t.test('a reader of the log that has stopped stops no request; what it missed is counted, and told once', async t => {
  const path = join(t.testdir(), 'pipe')
  execFileSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  t.teardown(() => closeSync(reader))
  const { log, ask } = await startLogging(t, path)
  t.equal((await ask(300)).length, 300)
  const lost = log.lost()
  t.ok(lost > 50, `${lost} lines lost`)
  // It reads again.
  const octets = Buffer.alloc(1 << 20)
  let text = ''
  await until(
    () => {
      try {
        text += octets.toString('latin1', 0, readSync(reader, octets))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      }
      return text
    },
    read => read.includes('log_lines_lost') && read.endsWith('\n'),
  )
  const lines = linesOf(text)
  t.equal(lines.filter(isRequest).length, 300 - lost)
  t.match(lines.filter(isLoss), [{ level: 'error', lines: lost, lines_since_start: lost }])
})

/** Mounts a file system of 64 KiB on a folder of its own. */
function mountSmallDisk() {
  const folder = mkdtempSync(join(tmpdir(), 'small-disk-'))
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder])
  const unmount = (): void => {
    if (status === 0) spawnSync('umount', ['--lazy', folder])
    rmdirSync(folder)
  }
  return { folder, unmount, isMounted: status === 0 }
}

/** Why tests with a small disk are skipped; false where this user may mount one. */
function refusalToMount(): string | false {
  const { isMounted, unmount } = mountSmallDisk()
  unmount()
  return isMounted ? false : 'this user may not mount a file system'
}

t.test(
  'a full disk stops no request; once there is room, the log goes on with a line that tells of the loss',
  { skip: refusalToMount() },
  async t => {
    const { folder, unmount } = mountSmallDisk()
    t.teardown(unmount)
    const ballast = join(folder, 'ballast')
    writeFileSync(ballast, Buffer.alloc(32_768))
    const path = join(folder, 'access.log')
    const { log, ask } = await startLogging(t, path)
    const full = await ask(200)
    await log.drain()
    const lost = log.lost()
    t.ok(lost > 50, `${lost} lines lost`)
    unlinkSync(ballast)
    const after = await ask(5)
    await log.drain()
    t.equal(log.lost(), lost, 'no more than before')
    // The line that the disk had no more room for is cut, and stands alone.
    const texts = readFileSync(path, 'utf8').split('\n')
    const whole = texts.filter(text => text.endsWith('}')).flatMap(linesOf)
    t.ok(texts.filter(text => text !== '' && !text.endsWith('}')).length <= 1)
    t.equal(whole.filter(isRequest).length, full.length + after.length - lost)
    t.match(whole.filter(isLoss), [{ lines: lost, lines_since_start: lost }])
  },
)

t.test('a log that is rotated under traffic has each line once', async t => {
  const folder = t.testdir()
  const path = join(folder, 'access.log')
  const { log, ask } = await startLogging(t, path)
  const asking = ask(200)
  const files = [path]
  for (let round = 0; round < 3; round++) {
    await until(
      () => readFileSync(path, 'utf8'),
      text => text !== '',
    )
    const rotated = join(folder, `access.log.${round}`)
    renameSync(path, rotated)
    log.reopen()
    files.push(rotated)
  }
  const ids = await asking
  await log.drain()
  const lines = files.flatMap(file => linesOf(readFileSync(file, 'utf8')))
  t.same(lines.map(line => line.request_id).sort(), [...ids].sort())
  t.equal(ids.length, 200)
  t.equal(log.lost(), 0)
})

t.test('a gateway whose standard output nobody reads any more goes on, and ends when it is told to', async t => {
  const recorder = await startRecorder(t)
  const gateway = await startGatewayProcess(t, {
    folder: t.testdir(),
    api: recorder.url,
    config: { log: { destination: 'stdout' } },
  })
  gateway.process.stdout?.destroy()
  for (let count = 0; count < 10; count++) t.equal((await exchangeRaw(t, gateway.url, aRequest({}))).status, 200)
  gateway.process.kill('SIGTERM')
  t.equal(await gateway.exit, 0)
})
