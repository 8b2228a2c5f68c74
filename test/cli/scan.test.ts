import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Io } from '../../src/cli/command.ts'
import { command } from '../../src/cli/scan.ts'
import { mintJwt, mintTimestamped } from '../../src/simulator/session-token.ts'
import { basic, drawn } from '../scan/planted.ts'
import { runCommand } from './run-command.ts'

const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))

const token = `sandbox_${drawn(30)}`
const live = mintJwt('prod', { a: 1, exp: 4_102_444_800 }, drawn(32))
const expired = mintTimestamped('dev', { a: 1, t: 7 }, 1_700_000_000, drawn(32))
const [id, secret] = [drawn(40), drawn(128)]
const encoded = basic(drawn(40), drawn(40))

const planted = {
  '.env': `FORAGE_CLIENT_ID=${id}\r\nFORAGE_CLIENT_SECRET=${secret}\r\n`,
  'app.ts': `// a comment\nconst token = '${token}'\n`,
  'log.txt': `${live}\n  ${expired}\n`,
  'script.sh': `curl -H 'Authorization: Basic ${encoded}' https://api.sandbox.joinforage.app/o/token/\n`,
}

t.test('each credential is one line: where it is, what it is, and four characters of it', async t => {
  const folder = t.testdir(planted)
  const { code, out, err } = await runCommand(['scan', folder])
  t.equal(
    out,
    `${folder}/.env:1:18 client_id - ${id.slice(0, 4)}…
${folder}/.env:2:22 client_secret - ${secret.slice(0, 4)}…
${folder}/app.ts:2:16 authentication_token sandbox ${token.slice(0, 12)}…
${folder}/log.txt:1:1 session_token_jwt prod prod_eyJ0…
${folder}/log.txt:2:3 session_token_timestamped dev dev_eyJh… expired
${folder}/script.sh:1:31 client_credentials - ${encoded.slice(0, 4)}…
`,
  )
  t.equal(err, '6 credentials found in 4 files.\n')
  t.equal(code, 1)
})

t.test('the same as JSON', async t => {
  const folder = t.testdir({ 'log.txt': `${token} ${expired}` })
  const { code, out } = await runCommand(['scan', '--json', folder])
  t.equal(code, 1)
  const [file, line] = [`${folder}/log.txt`, 1]
  t.same(JSON.parse(out), [
    {
      file,
      line,
      column: 1,
      kind: 'authentication_token',
      environment: 'sandbox',
      expired: false,
      masked: `${token.slice(0, 12)}…`,
    },
    {
      file,
      line,
      column: 40,
      kind: 'session_token_timestamped',
      environment: 'dev',
      expired: true,
      masked: 'dev_eyJh…',
    },
  ])
  t.same(await runCommand(['scan', '--json', t.testdir({ 'a.txt': '' })]), {
    code: 0,
    out: '[]\n',
    err: 'Nothing found in 1 file.\n',
  })
})

t.test('no output holds more of a credential than its first four characters, or anything of a signature', async t => {
  const folder = t.testdir({ ...planted, [`${token}.txt`]: token })
  for (const options of [[], ['--json']]) {
    const { out, err } = await runCommand(['scan', ...options, folder, `${folder}/absent-${token}`])
    const body = (one: string): string => one.slice(one.indexOf('_') + 1)
    for (const one of [id, secret, encoded, body(token), body(live), body(expired)])
      t.notOk((out + err).includes(one.slice(0, 5)), 'five characters')
    for (const one of [live, expired]) t.notOk((out + err).includes(one.slice(one.lastIndexOf('.') + 1).slice(0, 5)))
    t.match(err, /absent-sandbox_.{4}…: there is no such file\n/)
  }
})

t.test('standard input is searched where no path is given, and where it is named "-"', async t => {
  const stdin = `a\n ${token}\n`
  const line = `-:2:2 authentication_token sandbox ${token.slice(0, 12)}…\n`
  t.match(await runCommand(['scan'], { stdin }), { code: 1, out: line, err: '1 credential found in 1 file.\n' })
  const folder = t.testdir({ 'a.txt': token })
  t.match(await runCommand(['scan', '-', folder], { stdin }), { code: 1, out: `${line}${folder}/a.txt:1:1 ` })
  t.match(await runCommand(['scan', folder], { stdin: live }), { out: /^[^-]\S+ authentication_token .*\n$/ })
  t.match(await runCommand(['scan', '-'], { stdin: '' }), { code: 0, out: '' })
  t.match(await runCommand(['scan'], { stdin: 'hello' }), { code: 0, err: 'Nothing found in 1 file.\n' })
  t.match(await runCommand(['scan'], { stdin: `\0${token}` }), {
    code: 0,
    err: 'Nothing found in 0 files; 1 binary file left out.\n',
  })
})

t.test('a scan of nothing at all does not pass for a clean one', async t => {
  t.match(await runCommand(['scan']), { code: 2, out: '', err: /standard input is empty, and PATH is missing/ })
  const terminal = { ...anIo(), stdin: Object.assign(nothing(), { isTTY: true }) }
  await t.rejects(async () => command.run([], terminal), { message: 'PATH is missing' })
})

t.test('a path that cannot be read makes the answer incomplete, unless something was found', async t => {
  const folder = t.testdir({ 'a.txt': 'hello', 'b.txt': token })
  const absent = `${folder}/absent`
  t.same(await runCommand(['scan', absent, `${folder}/a.txt`]), {
    code: 2,
    out: '',
    err: `${absent}: there is no such file\nNothing found in 1 file; 1 could not be read.\n`,
  })
  t.match(await runCommand(['scan', absent, folder]), { code: 1 })
})

t.test('files and folders are left out as asked', async t => {
  const folder = t.testdir({ 'a.map': token, fixtures: { 'b.txt': token }, node_modules: { 'c.js': token } })
  const excluded = ['--exclude', '*.map', '--exclude=fixtures']
  t.match(await runCommand(['scan', ...excluded, folder]), { code: 0, err: 'Nothing found in 0 files.\n' })
  t.match(await runCommand(['scan', '--all', ...excluded, folder]), { code: 1, out: /^\S+c\.js:1:1 / })
})

t.test('a line with the mark is passed over', async t => {
  t.match(await runCommand(['scan'], { stdin: `x = "${token}" # forage-scan:ignore\n` }), { code: 0, out: '' })
})

t.test('rules for gitleaks are printed on request', async t => {
  const { code, out } = await runCommand(['scan', '--gitleaks'])
  t.equal(code, 0)
  t.match(out, /\[\[rules\]\]\nid = "forage-authentication-token"/)
  t.match(await runCommand(['scan', '--gitleaks', '.']), { code: 2, out: '', err: /searches nothing/ })
})

t.test('the rules for gitleaks hold no credential for the scan', async t => {
  const { out } = await runCommand(['scan', '--gitleaks'])
  t.match(await runCommand(['scan'], { stdin: out }), { code: 0, out: '' })
})

t.test('wrong usage is told', async t => {
  t.match(await runCommand(['scan', '--jsno', '.']), { code: 2, err: /did you mean --json/ })
  t.match(await runCommand(['scan', '.', '--exclude']), { code: 2, err: /--exclude needs a value/ })
})

t.test('a terminal is told how many files there were, and the line is cleared in the end', async t => {
  const folder = t.testdir()
  for (let count = 0; count < 600; count++) writeFileSync(join(folder, `${count}.txt`), 'hello')
  const io = anIo({ isTTY: true })
  t.equal(await command.run([folder], io), 0)
  const clear = '\r\x1b[K'
  t.equal(io.written(), `\r256 files…\x1b[K\r512 files…\x1b[K${clear}Nothing found in 600 files.\n`)
})

t.test('the program reads a pipe, and a file that is one', async t => {
  const child = spawn(process.execPath, [main, 'scan'])
  t.teardown(() => child.kill())
  let out = ''
  child.stdout.on('data', chunk => (out += chunk))
  child.stdin.end(`${'x'.repeat(100_000)} ${token}\n`)
  t.same(await once(child, 'close'), [1, null])
  t.match(out, /^-:1:100002 authentication_token sandbox /)
})

t.test('a pipe in a folder is passed over: nobody may ever write to it', async t => {
  const folder = t.testdir({ 'a.txt': token })
  t.equal(spawnSync('mkfifo', [join(folder, 'pipe')]).status, 0)
  t.match(await runCommand(['scan', folder]), { code: 1, err: '1 credential found in 1 file.\n' })
})

/** Streams of a command, where standard error may be a terminal. */
function anIo(traits: { readonly isTTY?: boolean } = {}) {
  let text = ''
  const stderr = { ...traits, write: (more: string) => (text += more) }
  const signals: Io['signals'] = { on: () => {}, off: () => {} }
  return { stdout: { write: () => {} }, stderr, stdin: nothing(), env: {}, signals, written: () => text }
}

async function* nothing(): AsyncGenerator<Buffer> {}
