import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import t, { type Test } from 'tap'
import { createAuditTrail } from '../../src/observability/audit-trail.ts'
import { runCommand } from '../cli/run-command.ts'
import { missingPart } from '../fixtures/real-part.ts'
import { until } from '../fixtures/until.ts'
import { eight, fileIn, linesOf, openTrail, readLine, registered, started, stopped } from './a-trail.ts'

const noHash = '0'.repeat(64)
/** What follows was computed with sha256sum and openssl. */
const firstHash = 'e52b5cdbba17f712222918681805b57084560dbac660b8c5a45800a6e4d32017'
const secondHash = 'deeb5251bcd3d513a359f8be98c6b19fb0feed66ab8c016b817f074a07683c75'
const keyedHash = '35058a16b39014371ec76666e118bf5572d9dc6ac4d499360d020b7ed76d9ac2'
const key = Buffer.from('c2d9fb5524d22b7967d5acde5f62c6c46214278bed596cd3bb8990202970792b', 'hex')

async function expectFine(t: Test, ...files: string[]): Promise<void> {
  const { code, out } = await runCommand(['audit', 'verify', ...files])
  t.equal(code, 0, out)
}

t.test('each line holds the hash of the one before, and its own over all octets before that member', async t => {
  const path = fileIn(t)
  const trail = openTrail(t, path)
  trail.record(started)
  trail.record(stopped)
  const rest = '"policy":"0123456789abcdef","config_generation":1,"chain":"AAAAAAAAAAAAAAAA","algorithm":"sha256"'
  t.equal(
    readFileSync(path, 'utf8'),
    `{"seq":1,"time":"2027-01-15T08:00:00.000Z","event":"started","version":"0.1.0","environment":"sandbox","verify":"ledger",${rest},"previous":"${noHash}","hash":"${firstHash}"}
{"seq":2,"time":"2027-01-15T08:00:00.500Z","event":"stopped",${rest},"previous":"${firstHash}","hash":"${secondHash}"}
`,
  )
  t.same(trail.end(), { chain: 'AAAAAAAAAAAAAAAA', seq: 2, hash: secondHash })
  t.same(trail.counts(), { written: 2, lost: 0 })
})

t.test('with a key the hash is an HMAC, and the line says which key', async t => {
  const path = fileIn(t)
  openTrail(t, path, { key }).record({ event: 'stopped', time: eight })
  t.match(readLine(linesOf(path)[0]), { algorithm: 'hmac-sha256', key_id: '383891d50689ffa9', hash: keyedHash })
})

t.test(
  'a line tells the policy and the configuration in force, or those of the process that sent the event',
  async t => {
    const path = fileIn(t)
    let generation = 1
    const trail = openTrail(t, path, { configGeneration: () => generation, policyDigest: () => `digest${generation}` })
    trail.record(stopped)
    generation = 2
    trail.record(stopped)
    trail.record(JSON.parse(JSON.stringify({ ...stopped, policy: 'digest1', configGeneration: 1 })))
    t.match(linesOf(path).map(readLine), [
      { policy: 'digest1', config_generation: 1 },
      { policy: 'digest2', config_generation: 2 },
      { policy: 'digest1', config_generation: 1 },
    ])
  },
)

t.test('a process that begins goes on from the last line, twice', async t => {
  const path = fileIn(t)
  for (const count of [1, 2, 3]) {
    const trail = openTrail(t, path, { random: randomBytes })
    trail.record(registered(count))
    await trail.close()
  }
  t.match(linesOf(path).map(readLine), [{ seq: 1 }, { seq: 2 }, { seq: 3 }])
  await expectFine(t, path)
})

t.test('of a long file only the end is read, however long the line before it', async t => {
  const path = fileIn(t)
  openTrail(t, path).record(registered(1))
  const line = readFileSync(path)
  writeFileSync(path, Buffer.concat([Buffer.alloc(3_000_000, 'x\n'), line]))
  const trail = openTrail(t, path, { random: randomBytes })
  trail.record(registered(2))
  t.match(trail.end(), { chain: 'AAAAAAAAAAAAAAAA', seq: 2 })
})

t.test('a file whose end is no trail gets a new chain', async t => {
  const path = fileIn(t)
  writeFileSync(path, Buffer.alloc(200_000, 'x\n'))
  const trail = openTrail(t, path)
  trail.record(stopped)
  t.match(trail.end(), { seq: 1 })
  t.match(readLine(linesOf(path).at(-1)), { event: 'stopped', previous: noHash })
})

t.test('a line that claims the last number there is does not make the trail run out of them', async t => {
  const path = fileIn(t)
  openTrail(t, path).record(registered(1))
  const [line = ''] = linesOf(path)
  appendFileSync(path, `${line.replace('"seq":1', `"seq":${2 ** 51}`)}\n`)
  const trail = openTrail(t, path)
  trail.record(registered(2))
  t.match(linesOf(path).slice(2).map(readLine), [{ seq: 2, event: 'audit_line_cut' }, { seq: 3 }])
})

t.test('half a line at the end is told in the next one: its length and digest', async t => {
  const path = fileIn(t)
  openTrail(t, path).record(registered(1))
  appendFileSync(path, 'half')
  openTrail(t, path).record(registered(2))
  const [, half, cut, next] = linesOf(path)
  t.equal(half, 'half')
  const digest = 'a11ae06469c63740d7b0ecf802f282a0d46e94f31a654dfcd3c0dc6dc277f904'
  t.match(readLine(cut), { seq: 2, event: 'audit_line_cut', octets: 4, digest })
  t.match(readLine(next), { seq: 3, count: 2 })
  await expectFine(t, path)
})

t.test('several lines that are none are told as one piece, also where nothing stands before them', async t => {
  const path = fileIn(t)
  writeFileSync(path, 'one\ntwo\n')
  openTrail(t, path).record(registered(1))
  const digest = '21066d108d5319ecb5a1fc4454f42ef22fc5f1c7df49c31d90294950e0ea8b2c'
  t.match(readLine(linesOf(path)[2]), { seq: 1, event: 'audit_line_cut', octets: 7, digest })
  await expectFine(t, path)
})

t.test('a last line that lacks its end alone is whole, and gets it', async t => {
  const path = fileIn(t)
  const trail = openTrail(t, path)
  trail.record(registered(1))
  truncateSync(path, readFileSync(path).length - 1)
  openTrail(t, path).record(registered(2))
  t.match(linesOf(path).map(readLine), [{ seq: 1 }, { seq: 2, count: 2 }])
  await expectFine(t, path)
})

t.test('after a rotation the new file begins at once with a line that goes on from the old one', async t => {
  const folder = t.testdir()
  const [path, old] = [join(folder, 'audit.log'), join(folder, 'audit.log.1')]
  const trail = openTrail(t, path)
  trail.record(registered(1))
  renameSync(path, old)
  trail.record(registered(2))
  trail.reopen()
  t.match(linesOf(path).map(readLine), [{ seq: 3, event: 'audit_reopened', previous: readLine(linesOf(old)[1]).hash }])
  trail.record(registered(3))
  await expectFine(t, old, path)
  trail.reopen()
  t.equal(linesOf(path).length, 2, 'a file that was not moved goes on as it is')
})

t.test('where the file cannot be opened again, the old one stays in use', async t => {
  const folder = t.testdir()
  const [path, old] = [join(folder, 'audit.log'), join(folder, 'audit.log.1')]
  const faults: string[] = []
  const trail = openTrail(t, path, { onFault: code => faults.push(code) })
  trail.record(registered(1))
  renameSync(path, old)
  mkdirSync(path)
  trail.reopen()
  trail.record(registered(2))
  t.same(faults, ['EISDIR'])
  await expectFine(t, old)
  t.same(trail.counts(), { written: 2, lost: 0 })
})

t.test('a file that is copied and emptied (copytruncate) goes on where the copy ends', async t => {
  const folder = t.testdir()
  const [path, copy] = [join(folder, 'audit.log'), join(folder, 'audit.log.1')]
  const trail = openTrail(t, path)
  trail.record(registered(1))
  writeFileSync(copy, readFileSync(path))
  truncateSync(path, 0)
  trail.record(registered(2))
  t.match(readLine(linesOf(path)[0]), { seq: 2 })
  await expectFine(t, copy, path)
})

t.test('a gateway that takes the place of one that still drains, and that one, write one chain', async t => {
  const path = fileIn(t)
  const [old, young] = [openTrail(t, path), openTrail(t, path)]
  for (let count = 0; count < 3; count++) {
    old.record(registered(count))
    young.record(registered(count))
  }
  t.same(
    linesOf(path).map(line => readLine(line).seq),
    [1, 2, 3, 4, 5, 6],
  )
  await expectFine(t, path)
})

t.test('what somebody else puts at the end is told of, and lines of another chain are not gone on from', async t => {
  const folder = t.testdir()
  const [path, other] = [join(folder, 'audit.log'), join(folder, 'other.log')]
  for (const count of [1, 2, 3]) openTrail(t, other, { random: randomBytes }).record(registered(count))
  const trail = openTrail(t, path)
  trail.record(registered(1))
  appendFileSync(path, 'no line\n')
  trail.record(registered(2))
  t.match(linesOf(path).slice(2).map(readLine), [{ seq: 2, event: 'audit_line_cut', octets: 7 }, { seq: 3 }])
  appendFileSync(path, readFileSync(other))
  trail.record(registered(3))
  t.match(trail.end(), { chain: 'AAAAAAAAAAAAAAAA', seq: 4 })
})

// Node ignores this signal, and `write` tells; the test runner would end the process, unless somebody else listens.
process.on('SIGXFSZ', () => {})

/** Files of this process may not grow beyond a size: a write up to there is cut, and the next one fails. */
function limitFileSize(octets: number | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${octets}:`])
}

for (const [name, more] of [
  ['in the middle of a line', 40],
  ['just before the end of a line', -1],
  ['at the end of a line', 0],
] as const) {
  t.test(
    `a disk that is full ${name} costs lines, and no two are joined`,
    { skip: missingPart('prlimit') },
    async t => {
      const path = fileIn(t)
      const faults: string[] = []
      const trail = openTrail(t, path, { onFault: code => faults.push(code) })
      trail.record(registered(1))
      const length = readFileSync(path).length
      t.teardown(() => limitFileSize('unlimited'))
      // Every such line has as many octets.
      limitFileSize(2 * length + more)
      for (const count of [2, 3, 4]) trail.record(registered(count))
      limitFileSize('unlimited')
      t.same(faults, ['EFBIG'], 'told once')
      t.same(trail.counts(), { written: 2, lost: 2 })
      trail.record(registered(5))
      trail.record(registered(6))
      t.same(trail.counts(), { written: 4, lost: 2 })
      const events = linesOf(path).map(line => (line.endsWith('"}') ? readLine(line) : line))
      const lost = { event: 'audit_lines_lost', lost: 2, total: 2, numbered: false }
      const rest = [lost, { count: 5 }, { count: 6 }]
      const cut = more > 0 ? [/^\{"seq":3,/, { event: 'audit_line_cut', octets: more }] : []
      t.match(events, [{ count: 1 }, { count: 2 }, ...cut, ...rest])
      await expectFine(t, path)
    },
  )
}

t.test('a full disk may break off what is written about it, too', { skip: missingPart('prlimit') }, async t => {
  const path = fileIn(t)
  const trail = openTrail(t, path)
  trail.record(registered(1))
  const length = readFileSync(path).length
  t.teardown(() => limitFileSize('unlimited'))
  for (const more of [40, 40, 41, 60]) {
    limitFileSize(length + more)
    trail.record(registered(2))
  }
  limitFileSize('unlimited')
  trail.record(registered(3))
  t.match(
    linesOf(path).map(line => (line.endsWith('"}') ? readLine(line).event : line)),
    ['tokens_registered', /^.{40}$/, /^.{19}$/, 'audit_line_cut', 'audit_lines_lost', 'tokens_registered'],
  )
  await expectFine(t, path)
})

t.test('a device without room loses every line, holds up nobody, and that is told once', async t => {
  const faults: string[] = []
  const trail = openTrail(t, '/dev/full', { onFault: code => faults.push(code) })
  const lose = (lost: number) => {
    trail.flush()
    return until(trail.counts, counts => counts.lost === lost)
  }
  trail.record(registered(1))
  t.same(await lose(1), { written: 0, lost: 1 })
  trail.record(registered(2))
  trail.reopen()
  // What tells of the first one is lost as well.
  t.same(await lose(3), { written: 0, lost: 3 })
  trail.record(registered(3))
  await lose(5)
  t.same(faults, ['unknown error'])
})

t.test('a pipe gets whole lines once somebody reads', async t => {
  const path = fileIn(t, 'pipe')
  execFileSync('mkfifo', [path])
  const trail = openTrail(t, path)
  for (const count of [1, 2, 3]) trail.record(registered(count))
  await trail.close()
  const out = execFileSync('head', ['-n', '3', path], { encoding: 'utf8' })
  t.match(out.trimEnd().split('\n').map(readLine), [{ seq: 1 }, { seq: 2 }, { seq: 3 }])
  t.same(trail.counts(), { written: 3, lost: 0 })
})

t.test('standard output and standard error are destinations', async t => {
  for (const destination of ['stdout', 'stderr']) t.same(openTrail(t, destination).counts(), { written: 0, lost: 0 })
})

t.test('a file that cannot be opened ends the start', async t => {
  t.throws(() => openTrail(t, join(t.testdir(), 'absent', 'audit.log')), {
    code: 'ERR_FORAGE_LOG',
    message: /absent\/audit\.log cannot be opened \(ENOENT\)/,
  })
})

t.test('an event that no line can be made from is lost, and nothing is thrown', async t => {
  const path = fileIn(t)
  const trail = openTrail(t, path)
  trail.record({ event: 'stopped', time: Number.NaN })
  trail.record(null as never)
  t.same(trail.counts(), { written: 0, lost: 2 })
  trail.record(stopped)
  const lost = { event: 'audit_lines_lost', lost: 1 }
  t.match(linesOf(path).map(readLine), [lost, { ...lost, total: 2 }, { event: 'stopped' }])
})

t.test('an event that no line can be made from is lost to a stream as well', async t => {
  const trail = openTrail(t, '/dev/null')
  trail.record({ event: 'stopped', time: Number.NaN })
  trail.record(stopped)
  t.same(trail.counts(), { written: 1, lost: 1 })
  t.equal(trail.end().seq, 1)
})

t.test('what is recorded after the end is lost', async t => {
  const path = fileIn(t)
  const trail = openTrail(t, path)
  await trail.close()
  trail.record(stopped)
  trail.flush()
  await trail.close()
  t.same(trail.counts(), { written: 0, lost: 1 })
  t.same(linesOf(path), [])
})

t.test('each chain has a name of its own', async t => {
  const folder = t.testdir()
  const given = { policyDigest: () => '', configGeneration: () => 1 }
  const ends = ['a.log', 'b.log'].map(name => {
    const trail = createAuditTrail({ ...given, destination: join(folder, name) })
    t.teardown(() => trail.close())
    return trail.end().chain
  })
  t.not(ends[0], ends[1])
  t.match(ends[0], /^[A-Za-z0-9_-]{16}$/)
})
