import { spawnSync } from 'node:child_process'
import { createHash, createHmac } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createHashCheck } from '../../src/cli/audit-keys.ts'
import { readLines } from '../../src/cli/audit-read-lines.ts'
import { AuditVerification, type AuditVerificationOptions } from '../../src/cli/audit-verification.ts'
import { createAuditChain } from '../../src/observability/audit-chain.ts'
import { createAuditHash } from '../../src/observability/audit-hash.ts'
import { AuditStreamWriter } from '../../src/observability/audit-stream-writer.ts'
import { missingExtra } from '../fixtures/real-part.ts'
import { eight, readLine, registered, writeTrail } from '../observability/a-trail.ts'
import { runCommand } from './run-command.ts'

const secret = 'an audit key of at least thirty-two octets'
const key = createHash('sha256').update(secret).digest()
const hash = createAuditHash()
const keyed = createAuditHash(key)

async function verify(texts: readonly string[], options: Partial<AuditVerificationOptions> = {}) {
  const verification = new AuditVerification({ checkHash: createHashCheck([]), ...options })
  for (const [index, text] of texts.entries()) {
    let line = 0
    for await (const read of readLines([Buffer.from(text)] as never))
      verification.add(read, { file: String(index + 1), line: ++line })
  }
  verification.end()
  return verification
}

/** What is wrong, as `kind file:line lines seq-seq`. */
async function findingsOf(texts: readonly string[], options: Partial<AuditVerificationOptions> = {}) {
  const { findings } = await verify(texts, options)
  return findings.all.map(({ kind, place, lines, seq }) => {
    const rest = seq === undefined ? '' : ` ${seq.from}-${seq.to}`
    return `${kind} ${place.file}:${place.line} ${lines}${rest}`
  })
}

const text = (lines: readonly string[]): string => lines.map(line => `${line}\n`).join('')

/** A line with other members, and a hash that fits. */
function forged(line: string | undefined, members: object, { hashOf } = hash): string {
  const hashed = JSON.stringify({ ...readLine(line), ...members, hash: undefined }).slice(0, -1)
  return `${hashed},"hash":"${hashOf(hashed)}"}`
}

let plain: readonly string[] = []
t.before(() => {
  plain = writeTrail(t as Test, 8)
})

t.test('a trail without a break is one, in one file or several', async t => {
  t.same(await findingsOf([text(plain)]), [])
  t.same(await findingsOf([text(plain.slice(0, 3)), text(plain.slice(3))]), [])
  t.same(await findingsOf([text(plain).trimEnd()]), [], 'the end of the last line may be missing')
})

t.test('lines that were removed are missing, once', async t => {
  for (const [from, to, expected] of [
    [1, 1, 'missing 1:2 1 2-2'],
    [1, 4, 'missing 1:2 1 2-4'],
    [3, 6, 'missing 1:4 1 4-6'],
  ] as const)
    t.same(await findingsOf([text([...plain.slice(0, from), ...plain.slice(to + (from === to ? 1 : 0))])]), [expected])
})

t.test('two lines removed in two places are two findings', async t => {
  t.same(await findingsOf([text(plain.filter((_, index) => index !== 1 && index !== 5))]), [
    'missing 1:2 1 2-2',
    'missing 1:5 1 6-6',
  ])
})

t.test('a trail may begin anywhere: what was removed at its beginning shows in the file before', async t => {
  t.same(await findingsOf([text(plain.slice(2))]), [])
  t.same(await findingsOf([text(plain.slice(0, 1)), text(plain.slice(2))]), ['missing 2:1 1 2-2'])
})

t.test('what was removed at the end shows only where its last hash is known', async t => {
  const [fifth, last] = [plain[4], plain[7]].map(line => String(readLine(line).hash))
  t.same(await findingsOf([text(plain.slice(0, 7))]), [])
  t.same(await findingsOf([text(plain.slice(0, 7))], { expectedLast: last }), ['end_missing 1:7 1'])
  t.same(await findingsOf([text(plain)], { expectedLast: last }), [])
  t.same(await findingsOf([text(plain)], { expectedLast: fifth }), [], 'lines may have been written since')
})

t.test('an octet that was changed is found in whatever place of a line, once', async t => {
  const short = plain.slice(0, 4)
  for (const [number, step] of [
    [3, 1],
    [1, 5],
    [4, 5],
  ] as const) {
    const line = short[number - 1] ?? ''
    for (let at = 0; at < line.length; at += step) {
      for (const octet of [line[at] === '1' ? '2' : '1', '\n']) {
        const changed = `${line.slice(0, at)}${octet}${line.slice(at + 1)}`
        const found = await findingsOf([text(short.with(number - 1, changed))])
        if (found.length !== 1 || !found[0]?.includes(` 1:${number} `)) t.fail(`${changed}: ${found.join()}`)
      }
    }
  }
  t.pass('each of them')
})

for (const [name, other, expected] of [
  ['seq', 9, 'changed 1:3 1 3-3'],
  ['time', '2027-01-15T09:00:00.000Z', 'changed 1:3 1 3-3'],
  ['event', 'stopped', 'changed 1:3 1 3-3'],
  ['count', 4, 'changed 1:3 1 3-3'],
  ['policy', 'fedcba9876543210', 'changed 1:3 1 3-3'],
  ['config_generation', 2, 'changed 1:3 1 3-3'],
  ['chain', 'BBBBBBBBBBBBBBBB', 'changed 1:3 1 3-3'],
  ['algorithm', 'hmac-sha256', 'key_missing 1:3 1 3-3'],
  ['previous', 'a'.repeat(64), 'changed 1:3 1 3-3'],
  ['hash', 'a'.repeat(64), 'changed 1:3 1 3-3'],
] as const) {
  t.test(`a changed ${name} is found`, async t => {
    const changed = JSON.stringify({ ...readLine(plain[2]), [name]: other })
    t.same(await findingsOf([text(plain.with(2, changed))]), [expected])
  })
}

t.test('lines that were changed one after the other are one finding', async t => {
  const changed = plain.map((line, index) => (index >= 2 && index < 5 ? line.replace('checkout', 'chekcout') : line))
  t.same(await findingsOf([text(changed)]), ['changed 1:3 3 3-5'])
})

t.test('a line whose hash was made anew does not fit the line after', async t => {
  t.same(await findingsOf([text(plain.with(2, forged(plain[2], { count: 9 })))]), ['replaced 1:4 1 4-4'])
})

t.test('a line that stands elsewhere is out of order, and not missing', async t => {
  const [a, b, c, d, e, ...rest] = plain
  const inOrder = (...lines: (string | undefined)[]) => findingsOf([text([...lines.map(String), ...rest])])
  t.same(await inOrder(a, c, b, d, e), ['reordered 1:3 1 2-2'])
  t.same(await inOrder(a, d, b, c, e), ['reordered 1:3 2 2-3'])
  t.same(await inOrder(a, e, c, b, d), ['reordered 1:3 1 3-3', 'reordered 1:4 1 2-2', 'reordered 1:5 1 4-4'])
  t.same(await inOrder(a, e, c), ['missing 1:2 1 2-2', 'missing 1:2 1 4-4', 'reordered 1:3 1 3-3'])
  t.same(await inOrder(a, e, b), ['missing 1:2 1 3-4', 'reordered 1:3 1 2-2'])
  t.same(await inOrder(a, e, d), ['missing 1:2 1 2-3', 'reordered 1:3 1 4-4'])
})

t.test('a line that stands elsewhere and is another one fits in nowhere', async t => {
  const [a = '', b, c = '', ...rest] = plain
  const other = forged(b, { count: 9 })
  t.same(await findingsOf([text([a, c, other, ...rest])]), ['reordered 1:3 1 2-2', 'replaced 1:3 1 2-2'])
  const unlinked = forged(b, { previous: 'a'.repeat(64) })
  t.same(await findingsOf([text([a, c, unlinked, ...rest])]), ['reordered 1:3 1 2-2', 'replaced 1:3 1 2-2'])
})

t.test('files in the wrong order are out of order', async t => {
  t.same(await findingsOf([text(plain.slice(4)), text(plain.slice(0, 4))]), ['reordered 2:1 4 1-4'])
})

t.test('a line that was put in is found, and the trail goes on without it', async t => {
  const with4 = (line: string) => findingsOf([text([...plain.slice(0, 4), line, ...plain.slice(4)])])
  t.same(await with4(String(plain[1])), ['inserted 1:5 1 2-2'], 'a copy')
  t.same(await with4(String(plain[3])), ['inserted 1:5 1 4-4'], 'the same twice')
  t.same(await with4(forged(plain[4], { count: 9 })), ['inserted 1:6 1 5-5'], 'one that fits')
  t.same(await with4(String(plain[4]).replace('checkout', 'chekcout')), ['inserted 1:5 1'], 'one that is changed')
  t.same(await with4('{"seq":5}'), ['unreadable 1:5 1'], 'one of another form')
  t.same(await with4(''), ['unreadable 1:5 1'], 'an empty one')
})

t.test('a changed line before a line that was put in, and before a gap', async t => {
  const changed = (line: string | undefined) => String(line).replace('checkout', 'chekcout')
  const [a = '', b, c, d, ...rest] = plain
  t.same(await findingsOf([text([a, changed(b), changed(a), String(c), String(d), ...rest])]), ['changed 1:2 2 2-3'])
  t.same(await findingsOf([text([a, changed(b), ...rest])]), ['changed 1:2 1 2-2', 'missing 1:3 1 3-4'])
  t.same(await findingsOf([text([changed(a), String(b).replace('"seq":2', '"seq":3'), String(c)])]), [
    'changed 1:1 2 1-2',
  ])
})

t.test('half a line at the end is one; the rest of it is not guessed', async t => {
  const whole = text(plain)
  t.same(await findingsOf([whole.slice(0, -20)]), ['half_line 1:8 1'])
  t.same(await findingsOf([whole.slice(0, -20), '']), ['half_line 1:8 1'])
  t.same(await findingsOf([`${text(plain.slice(0, 3))}${plain[3]?.slice(0, 99)}${text(plain.slice(4))}`]), [
    'unreadable 1:4 1 4-5',
  ])
  const half = [text(plain.slice(0, 3)) + plain[3]?.slice(0, 99), text(plain.slice(4))]
  t.same(await findingsOf(half), ['half_line 1:4 1 4-4'])
})

t.test('half a line that the gateway tells of is no finding; one that it does not tell of is', async t => {
  const chain = createAuditChain({ hash, policyDigest: () => 'p', configGeneration: () => 1, random: Buffer.alloc })
  const lines = plain.slice(0, 3)
  const { seq, hash: last } = readLine(lines[2]) as { seq: number; hash: string }
  chain.goOn({ chain: 'AAAAAAAAAAAAAAAA', seq, hash: last })
  const digest = createHash('sha256').update('{"seq":4,"ti').digest('hex')
  const cut = chain.next({ event: 'audit_line_cut', time: eight, octets: 12, digest }).line
  const { findings, tally } = await verify([text([...lines, '{"seq":4,"ti', cut])])
  t.equal(findings.count, 0)
  t.equal(tally.cuts, 1)
  t.same(await findingsOf([`${text(lines)}{"seq":4,"ti`, text([cut])]), [], 'also across files')
  t.same(await findingsOf([text([...lines, '{"seq":4,"tj', cut])]), ['unreadable 1:4 1'])
  t.same(await findingsOf([text([...lines, cut])]), ['cut_missing 1:4 1 4-4'])
  t.same(await findingsOf([text([cut])]), [], 'it may be in an earlier file')
})

t.test('a line that is too long is a finding, and costs no memory', async t => {
  const long = `${'x'.repeat(65_536)}`
  t.same(await findingsOf([text([...plain.slice(0, 3), `${long}x`, ...plain.slice(4)])]), ['overlong 1:4 1 4-4'])
  t.same(await findingsOf([text([...plain.slice(0, 3), long, ...plain.slice(4)])]), ['unreadable 1:4 1 4-4'])
})

t.test('nothing at all is no trail', async t => {
  t.same(await findingsOf(['']), ['empty -:0 1'])
  t.same(await findingsOf(['x\n']), ['unreadable 1:1 1', 'empty 1:1 1'])
})

t.test('a new chain is a finding, unless restarts are expected; half a chain always is', async t => {
  const other = writeTrail(t as Test, 3, { random: octets => Buffer.alloc(octets, 1) })
  t.same(await findingsOf([text([...plain, ...other])]), ['new_chain 1:9 1 1-1'])
  const { findings, tally } = await verify([text([...plain, ...other])], { acceptsRestarts: true })
  t.equal(findings.count, 0)
  t.equal(tally.restarts, 1)
  t.same(await findingsOf([text([...plain, ...other.slice(1)])], { acceptsRestarts: true }), ['other_chain 1:9 1 2-2'])
  t.same(await findingsOf([text([forged(plain[0], { previous: 'a'.repeat(64) })])]), ['replaced 1:1 1 1-1'])
})

t.test('a line with a member twice is found, though its hash fits', async t => {
  const [hashed = ''] = String(plain[7]).split(',"hash"')
  const twice = `${hashed},"seq":8`
  const line = `${twice},"hash":"${hash.hashOf(twice)}"}`
  t.same(await findingsOf([text(plain.with(7, line))]), ['respelled 1:8 1 8-8'])
})

t.test('with a key the chain cannot be made anew without it', async t => {
  const lines = writeTrail(t as Test, 4, { key })
  const holding = { checkHash: createHashCheck([keyed]) }
  t.same(await findingsOf([text(lines)], holding), [])
  t.same(await findingsOf([text(lines)]), ['key_missing 1:1 4 1-4'])
  const other = createAuditHash(Buffer.alloc(32))
  t.same(await findingsOf([text(lines)], { checkHash: createHashCheck([other]) }), ['key_missing 1:1 4 1-4'])
  t.same(await findingsOf([text(lines)], { checkHash: createHashCheck([other, keyed]) }), [])
  t.same(await findingsOf([text(lines.with(1, forged(lines[1], { count: 9 })))], holding), ['changed 1:2 1 2-2'])
  t.same(await findingsOf([text(plain)], holding), ['not_keyed 1:1 8 1-8'])
  t.equal(keyed.hashOf('x'), createHmac('sha256', key).update('x').digest('hex'))
})

/** Writes to a pipe that loses some lines. @param isLost by the number of the line */
function writeLossy(count: number, isLost: (number: number) => boolean): string[] {
  const lines: string[] = []
  let lost = 0
  let number = 0
  const chain = createAuditChain({ hash, policyDigest: () => 'p', configGeneration: () => 1, random: Buffer.alloc })
  const destination = {
    write(line: string) {
      if (isLost(++number)) lost++
      else lines.push(line.trimEnd())
    },
    lost: () => lost,
    flush() {},
    async drain() {},
    reopen() {},
  }
  const writer = new AuditStreamWriter(destination, { chain, now: () => eight, onFault() {} })
  for (let event = 1; event <= count; event++) writer.write(registered(event))
  return lines
}

t.test('lines that the gateway itself lost are no findings, also where what told of them was lost', async t => {
  const lines = writeLossy(10, number => number === 3 || number === 4)
  const told = lines.map(readLine).filter(line => line.event === 'audit_lines_lost')
  t.match(told, [{ seq: 6, lost: 1, total: 2, numbered: true }])
  const { findings, tally } = await verify([text(lines)])
  t.equal(findings.count, 0)
  t.equal(tally.lost, 2)
  // From here on it is not known how much had been lost before.
  t.same(await findingsOf([text(lines.slice(1))]), ['missing 1:2 1 3-4'])
})

t.test('what the gateway says it lost excuses no more than that', async t => {
  const lines = writeLossy(10, number => number === 3 || number === 6)
  const { findings, tally } = await verify([text(lines)])
  t.equal(findings.count, 0)
  t.equal(tally.lost, 2)
  // seq 1 2 4(tells) 5 7(tells) …
  const without = (seq: number) => text(lines.filter(line => readLine(line).seq !== seq))
  t.same(await findingsOf([without(2)]), ['missing 1:2 1 2-3'])
  t.same(await findingsOf([without(5)]), ['missing 1:4 1 5-6'])
  t.same(await findingsOf([without(8)]), ['missing 1:6 1 8-8'])
})

t.test('where what tells of a loss was lost as well, the next one makes up for it', async t => {
  const { findings, tally } = await verify([text(writeLossy(10, number => [3, 7, 8].includes(number)))])
  t.equal(findings.count, 0)
  t.equal(tally.lost, 3)
})

t.test('lines that were lost without a number excuse no hole', async t => {
  const event = { event: 'audit_lines_lost', time: eight, lost: 3, total: 3, numbered: false } as const
  const chain = createAuditChain({ hash, policyDigest: () => 'p', configGeneration: () => 1, random: Buffer.alloc })
  const lines = [registered(1), registered(2), event, registered(3)].map(told => {
    const { line, end } = chain.next(told)
    chain.goOn(end)
    return line
  })
  t.equal((await verify([text(lines)])).tally.lost, 3)
  t.same(await findingsOf([text(lines.toSpliced(1, 1))]), ['missing 1:2 1 2-2'])
})

t.test('of very many findings the first thousand are kept, and the others counted', async t => {
  const lines = Array.from({ length: 2200 }, (_, index) => (index % 2 === 0 ? String(plain[index % 8]) : 'x'))
  const { all, more, count } = (await verify([text(lines)])).findings
  t.equal(all.length, 1000)
  t.ok(more > 0)
  t.equal(count, 1000 + more)
})

function filesIn(t: Test, files: Readonly<Record<string, string>>): readonly string[] {
  const folder = t.testdir()
  return Object.entries(files).map(([name, content]) => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  })
}

t.test('the command says what the trail consists of', async t => {
  const files = filesIn(t, { 'audit.log.1': text(plain.slice(0, 3)), 'audit.log': text(plain.slice(3)) })
  t.same(await runCommand(['audit', 'verify', ...files]), {
    code: 0,
    err: '',
    out: `8 lines, no break
  first   seq 1, 2027-01-15T08:00:00.000Z
  last    seq 8, 2027-01-15T08:00:00.000Z
  hash    ${readLine(plain[7]).hash}
          compare it: lines cut off at the end leave no trace in the file
  policy  0123456789abcdef, 8 lines
`,
  })
})

t.test('the command says what is wrong, where, and what that means', async t => {
  const [file = ''] = filesIn(t, { 'audit.log': `${text([...plain.slice(0, 3), 'x', 'x', ...plain.slice(5)])}{` })
  const { code, out } = await runCommand(['audit', 'verify', file])
  t.equal(code, 1)
  t.same(out.split('\n').slice(0, 3), [
    `${file}:4: unreadable: is no line of a trail: it was overwritten, or put in (and the 1 line after); missing: seq 4 to 5`,
    `${file}:9: half_line: is half a line: a write broke off, or the end of the file was cut off`,
    '6 lines, 2 findings',
  ])
  const [empty = ''] = filesIn(t, { 'empty.log': '' })
  t.match(await runCommand(['audit', 'verify', empty]), { code: 1, out: /empty: there is no line of a trail at all/ })
})

t.test('the same as JSON', async t => {
  const [file = ''] = filesIn(t, { 'audit.log': text(plain.toSpliced(4, 1)) })
  const { code, out } = await runCommand(['audit', 'verify', '--json', file])
  t.equal(code, 1)
  const seq = { from: 5, to: 5 }
  const meaning = 'does not follow the line before it: lines between them were removed'
  const time = '2027-01-15T08:00:00.000Z'
  t.same(JSON.parse(out), {
    fine: false,
    lines: 7,
    first: { seq: 1, time, hash: readLine(plain[0]).hash },
    last: { seq: 8, time, hash: readLine(plain[7]).hash },
    policies: [{ policy: '0123456789abcdef', lines: 7 }],
    restarts: 0,
    lost: 0,
    cuts: 0,
    findings: [{ kind: 'missing', file, line: 5, lines: 1, seq, meaning }],
    findingsLeftOut: 0,
  })
  const bare = await runCommand(['audit', 'verify', '--json', '-'], { stdin: 'x' })
  t.match(JSON.parse(bare.out), { fine: false, lines: 0, first: null, last: null, findings: [{ seq: null }, {}] })
})

t.test('standard input is a file, too, and what the gateway says of itself is shown', async t => {
  const lossy = text(writeLossy(10, number => number === 3))
  const other = text(writeTrail(t as Test, 1, { random: octets => Buffer.alloc(octets, 1) }))
  const stdin = lossy + other
  t.match(await runCommand(['audit', 'verify', '--restarts', '-'], { stdin }), {
    code: 0,
    out: /\n {2}restarts {2}1 more chain\n {2}lost +1 line, as the gateway itself says\n/,
  })
})

t.test('a keyed trail needs its key, from a file or the environment', async t => {
  const lines = text(writeTrail(t as Test, 2, { key }))
  const [file = '', keyFile = ''] = filesIn(t, { 'audit.log': lines, key: `${secret}\n` })
  const run = (...options: string[]) =>
    runCommand(['audit', 'verify', ...options, file], { env: { AUDIT_KEY: secret } })
  t.match(await run('--key-file', keyFile), { code: 0 })
  t.match(await run('--key-env', 'AUDIT_KEY'), { code: 0 })
  t.match(await run(), { code: 1, out: /key_missing/ })
  t.match(await run('--key-file', `${keyFile}.absent`), {
    code: 2,
    err: /--key-file: cannot be read: there is no such file\n/,
  })
  t.match(await run('--key-env', 'NO_KEY'), { code: 2, err: /--key-env: the environment variable NO_KEY is not set\n/ })
})

t.test('the expected last hash is looked for', async t => {
  const [file = ''] = filesIn(t, { 'audit.log': text(plain) })
  const run = (hash: string) => runCommand(['audit', 'verify', file, '--expect-last', hash])
  t.match(await run(String(readLine(plain[7]).hash)), { code: 0 })
  t.match(await run('a'.repeat(64)), { code: 1, out: /:8: end_missing/ })
  t.match(await run('a'.repeat(63)), { code: 2, err: /--expect-last needs a hash/ })
})

t.test('wrong usage is told, and a file that cannot be read leaves the answer open', async t => {
  for (const args of [[], ['verfy'], ['verify']]) t.match(await runCommand(['audit', ...args]), { code: 2, out: '' })
  t.match(await runCommand(['audit', 'verify', '--jsno', 'x']), { code: 2, err: /did you mean --json/ })
  const [file = ''] = filesIn(t, { 'audit.log': text(plain.toSpliced(4, 1)) })
  const absent = `${file}.absent`
  const answer = { code: 2, out: '', err: `${absent}: there is no such file\n` }
  t.same(await runCommand(['audit', 'verify', file, absent]), answer)
  t.match(await runCommand(['audit', 'verify', t.testdir()]), { code: 2, err: /it is a folder/ })
})

t.test(
  'the checker that the documentation shows comes to the same answers',
  { skip: missingExtra('python3') },
  async t => {
    const script = /```python\n(.*?)```/s.exec(readFileSync('docs/audit.md', 'utf8'))?.[1] ?? ''
    const files = filesIn(t, { 'fine.log': text(plain), 'broken.log': text(plain.toSpliced(3, 1)) })
    const check = (file: string | undefined) =>
      spawnSync('python3', ['-c', script, String(file)], { encoding: 'utf8', timeout: 20_000 })
    t.match(check(files[0]), { status: 0, stdout: `last: seq 8 hash ${readLine(plain[7]).hash}\n` })
    t.match(check(files[1]), { status: 1, stderr: 'line 4 does not follow the one before\n' })
  },
)
