import { execFileSync } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import t from 'tap'

/** What of ioredis is loaded after these files of the room are, in a process of its own. */
function loadedWith(...files: readonly string[]): string {
  const urls = files.map(file => new URL(`../../src/state/${file}`, import.meta.url).href)
  const program = `
    import { createRequire } from 'node:module'
    for (const url of ${JSON.stringify(urls)}) await import(url)
    const { cache } = createRequire(${JSON.stringify(fileURLToPath(import.meta.url))})
    process.stdout.write(Object.keys(cache).filter(path => path.includes('ioredis')).join())`
  const own = { NODE_OPTIONS: '', NODE_V8_COVERAGE: '' }
  return execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8', env: own })
}

t.test('a gateway that shares no state never loads ioredis', async t => {
  t.equal(loadedWith('memory-state.js', 'redis-state.js', 'redis-address.js'), '')
})
