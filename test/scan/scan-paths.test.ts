import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { blockOctets } from '../../src/scan/scan-octets.ts'
import { type FileFinding, type PathScanOptions, scanPaths } from '../../src/scan/scan-paths.ts'
import { scanStream } from '../../src/scan/scan-stream.ts'
import { drawn, now, plantedTokens } from './planted.ts'

const { authentication, jwt, timestamped } = plantedTokens()

async function scan(paths: readonly string[], options: Partial<PathScanOptions> = {}) {
  const findings: FileFinding[] = []
  const unreadable: [string, string | undefined][] = []
  const seen = { files: 0, binary: 0 }
  const all: PathScanOptions = {
    exclude: [],
    includesAll: false,
    now,
    onUnreadable: (path, { code }) => unreadable.push([path, code]),
    onFile: ({ isBinary }) => (isBinary ? seen.binary++ : seen.files++),
    ...options,
  }
  for await (const finding of scanPaths(paths, all)) findings.push(finding)
  return { places: findings.map(({ file, line, column }) => `${file}:${line}:${column}`), findings, unreadable, seen }
}

t.test('files of all folders are searched, in the order of their names', async t => {
  const folder = t.testdir({
    b: { 'z.txt': `\n${jwt}`, 'a.env': ` ${authentication}` },
    'a.txt': 'nothing',
    'c.txt': timestamped,
    '.hidden': authentication,
  })
  const { places, unreadable, seen } = await scan([folder])
  t.same(places, [`${folder}/.hidden:1:1`, `${folder}/c.txt:1:1`, `${folder}/b/a.env:1:2`, `${folder}/b/z.txt:2:1`])
  t.same(unreadable, [])
  t.same(seen, { files: 5, binary: 0 })
})

t.test('.git and node_modules are left out, unless asked for or named', async t => {
  const folder = t.testdir({
    '.git': { config: authentication },
    app: { node_modules: { a: { 'index.js': authentication, node_modules: { 'b.js': authentication } } } },
  })
  t.same((await scan([folder])).places, [])
  t.equal((await scan([folder], { includesAll: true })).places.length, 3)
  const named = join(folder, 'app/node_modules')
  t.same((await scan([named])).places, [`${named}/a/index.js:1:1`])
})

t.test('what a pattern leaves out is not searched', async t => {
  const folder = t.testdir({ 'a.txt': jwt, 'a.map': jwt, test: { fixtures: { 'b.txt': jwt }, 'c.txt': jwt } })
  const { places } = await scan([folder], { exclude: ['*.map', 'test/fixtures'] })
  t.same(places, [`${folder}/a.txt:1:1`, `${folder}/test/c.txt:1:1`])
})

t.test('symbolic links are not followed in a folder, but where they are named', async t => {
  const folder = t.testdir({ inner: { 'a.txt': jwt } })
  symlinkSync('..', join(folder, 'inner/loop'))
  symlinkSync('a.txt', join(folder, 'inner/again.txt'))
  symlinkSync('absent', join(folder, 'inner/dangling'))
  symlinkSync('inner', join(folder, 'named'))
  const { places, unreadable } = await scan([
    join(folder, 'inner'),
    join(folder, 'named'),
    join(folder, 'inner/again.txt'),
  ])
  t.same(places, [`${folder}/inner/a.txt:1:1`, `${folder}/named/a.txt:1:1`, `${folder}/inner/again.txt:1:1`])
  t.same(unreadable, [])
})

t.test('what cannot be read is told of, and the rest is searched', async t => {
  const folder = t.testdir({ 'a.txt': jwt, 'b.txt': jwt, 'c.txt': jwt, inner: { 'd.txt': jwt } })
  symlinkSync('loop', join(folder, 'loop'))
  const { places, unreadable } = await scan([join(folder, 'absent'), join(folder, 'loop'), folder], {
    // The tree changes while it is searched.
    onFile: () => {
      rmSync(join(folder, 'b.txt'), { force: true })
      rmSync(join(folder, 'inner'), { recursive: true, force: true })
    },
  })
  t.same(places, [`${folder}/a.txt:1:1`, `${folder}/c.txt:1:1`])
  t.same(unreadable, [
    [join(folder, 'absent'), 'ENOENT'],
    [join(folder, 'loop'), 'ELOOP'],
    [join(folder, 'b.txt'), 'ENOENT'],
    [join(folder, 'inner'), 'ENOENT'],
  ])
})

t.test('a fault of the program itself is not taken for a file that cannot be read', async t => {
  const onFile = (): never => {
    throw new TypeError('a fault')
  }
  await t.rejects(scan([t.testdir({ 'a.txt': '' })], { onFile }), { message: 'a fault' })
  await t.rejects(scan([t.testdir()], { now: undefined as unknown as number, exclude: [1 as unknown as string] }))
})

t.test('binary files are counted and left out', async t => {
  const folder = t.testdir({ 'a.bin': `\0${jwt}`, 'b.txt': jwt, 'empty.txt': '' })
  const { places, seen } = await scan([folder])
  t.same(places, [`${folder}/b.txt:1:1`])
  t.same(seen, { files: 2, binary: 1 })
})

t.test('more files than are searched in one turn are all searched', async t => {
  const folder = t.testdir()
  for (let count = 0; count < 130; count++) writeFileSync(join(folder, `${count}.txt`), jwt)
  t.equal((await scan([folder])).places.length, 130)
})

t.test('a credential is found at each border of the blocks that a file is read in', async t => {
  const file = join(t.testdir(), 'long.txt')
  const half = Math.floor(authentication.length / 2)
  const gap = ' '.repeat(blockOctets - authentication.length)
  writeFileSync(file, `${' '.repeat(blockOctets - half)}${`${authentication}${gap}`.repeat(3)}`)
  const { findings } = await scan([file])
  t.same(
    findings.map(({ line, column }) => [line, column]),
    [1, 2, 3].map(count => [1, count * 1_048_576 - half + 1]),
  )
})

t.test('a file of exactly one block, and of exactly two, ends there', async t => {
  const file = join(t.testdir(), 'long.txt')
  for (const blocks of [1, 2]) {
    writeFileSync(file, `${' '.repeat(blocks * blockOctets - jwt.length)}${jwt}`)
    t.match((await scan([file])).findings, [{ kind: 'session_token_jwt', line: 1 }])
  }
})

t.test('on a line of 10 MiB, and behind it, the places are right', async t => {
  const folder = t.testdir()
  const line = `${'{"é":"x"},'.repeat(960_000)}"${authentication}"`
  writeFileSync(join(folder, 'long.json'), `\r\n${line}\r\n${jwt}`)
  t.ok(Buffer.byteLength(line) > 10 * 1024 * 1024)
  const { places } = await scan([folder])
  t.same(places, [`${folder}/long.json:2:9600002`, `${folder}/long.json:3:1`])
})

t.test('memory does not grow with the size of a file', async t => {
  const file = join(t.testdir(), 'sparse.txt')
  // Text at its beginning, and then zeros: the file takes no room on the disk.
  writeFileSync(file, `${'x'.repeat(8192)}\n${jwt}\n`)
  truncateSync(file, 150 * 1024 * 1024)
  const before = process.memoryUsage.rss()
  t.equal((await scan([file])).findings.length, 1)
  t.comment(`grown ${process.memoryUsage.rss() - before}`)
  t.ok(process.memoryUsage.rss() - before < 100 * 1024 * 1024)
})

t.test('a folder of folders does not exhaust the stack', async t => {
  const folder = t.testdir()
  const deep = join(folder, ...Array.from({ length: 400 }, () => 'd'))
  mkdirSync(deep, { recursive: true })
  writeFileSync(join(deep, 'a.txt'), jwt)
  t.same((await scan([folder])).places, [`${deep}/a.txt:1:1`])
})

async function* pieces(text: string, size: number): AsyncGenerator<Buffer> {
  const octets = Buffer.from(text)
  for (let at = 0; at < octets.length; at += size) yield octets.subarray(at, at + size)
}

t.test('a stream is searched like a file, however it is divided', async t => {
  const text = `a\n  ${jwt}\n${' '.repeat(3 * blockOctets)}client_secret=${drawn(40)}`
  for (const size of [999, 65_536, 2 * blockOctets + 1, text.length]) {
    const { findings, octets, isBinary } = await scanStream(pieces(text, size), now)
    t.match(findings, [
      { kind: 'session_token_jwt', line: 2, column: 3 },
      { kind: 'client_secret', line: 3, column: 3 * blockOctets + 15 },
    ])
    t.same([octets, isBinary], [text.length, false])
  }
})

t.test('a stream of single octets, of nothing, and of no text', async t => {
  t.equal((await scanStream(pieces(jwt, 1), now)).findings.length, 1)
  t.same(await scanStream(pieces('', 1), now), { findings: [], octets: 0, isBinary: false })
  t.same(await scanStream(pieces(`\0${jwt}`, 7), now), { findings: [], octets: 0, isBinary: true })
})
