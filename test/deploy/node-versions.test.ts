import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'

// Other versions of Node.js than the one that runs the tests, each by the path of its program; the gate brings some.
const binaries = (process.env.NODE_BINARIES ?? '').split(':').filter(path => path !== '')
const skip = binaries.length === 0 && 'NODE_BINARIES names no other version of Node.js'

const main = resolve('build/src/cli/main.js')
const run = promisify(execFile)
/**
 * By a bare environment: what another version counts as covered has other bounds, and would spoil the report of the one that
 * runs the tests.
 */
const bare = (node: string, ...args: string[]): [string, string[]] => [
  'env',
  ['-i', `PATH=${process.env.PATH}`, node, ...args],
]

/** The demo under a version, and what it has printed once it is ready. */
async function startDemo(t: Test, node: string) {
  const child = spawn(...bare(node, main, 'demo'), { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  let out = ''
  child.stdout.setEncoding('utf8')
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    out += chunk
    if (out.includes('Ctrl-C stops')) break
  }
  child.stdout.resume()
  return { child, out }
}

t.test('there is another version to try', { skip }, async t => {
  t.ok(binaries.length > 0)
})

for (const node of binaries) {
  const version = execFileSync(...bare(node, '--version'), { encoding: 'utf8' }).trim()

  t.test(
    `under ${version} every line of the demo is answered as its comment says, and SIGTERM ends it in order`,
    async t => {
      const { child, out } = await startDemo(t, node)
      const lines = [...out.matchAll(/^# (\d{3})(?: \w+)?: .+\n(curl .+)$/gm)]
      t.equal(lines.length, 13)
      for (const [, status, line = ''] of lines) {
        const { stdout } = await run('bash', ['-c', line])
        t.match(stdout, `HTTP/1.1 ${status} `, line.slice(0, 40))
      }
      child.kill('SIGTERM')
      t.same(await once(child, 'exit'), [0, null])
    },
  )

  t.test(`under ${version} what the package exports can be imported`, async t => {
    const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: Record<string, unknown> }
    const files = Object.values(exports).flatMap(target => {
      const path = (target as { default?: string }).default
      return path === undefined ? [] : [pathToFileURL(resolve(path.replace('./dist', 'build/src'))).href]
    })
    const script = files.map(file => `await import(${JSON.stringify(file)})`).join('\n')
    await run(...bare(node, '--input-type=module', '-e', script))
    t.equal(files.length, 5)
  })
}
