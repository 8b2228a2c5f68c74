import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import t, { type Test } from 'tap'
import { missingExtra } from '../fixtures/real-part.ts'
import { loadSample } from './sample-config.ts'

const unit = readFileSync('deploy/systemd/forage-gateway.service', 'utf8')
const skip = missingExtra('systemd-analyze')

function valuesOf(key: string): readonly string[] {
  return [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value)
}

function analyze(t: Test, ...args: readonly string[]): { readonly status: number | null; readonly output: string } {
  // Its programs are looked for: here Node.js may be elsewhere.
  const folder = t.testdir({ 'forage-gateway.service': unit.replace('/usr/bin/node', process.execPath) })
  const command = [...args, join(folder, 'forage-gateway.service')]
  const { status, stdout, stderr } = spawnSync('systemd-analyze', command, { encoding: 'utf8' })
  return { status, output: stdout + stderr }
}

t.test('systemd understands every line of the unit', { skip }, async t => {
  t.same(analyze(t, 'verify', '--man=no'), { status: 0, output: '' })
})

t.test('systemd rates the exposure of the service below 1.5 of 10', { skip }, async t => {
  const { status, output } = analyze(t, 'security', '--offline=true', '--threshold=15')
  t.equal(status, 0, output)
})

t.test(
  'the configuration beside the unit reads the credentials that it is given, and ends in the time that it has',
  async t => {
    const { secretFiles, longestEndMs } = loadSample(t, 'deploy/systemd/gateway.yaml')
    // What is commented out in the one is so in the other.
    const given = valuesOf('(?:# )?LoadCredential').map(
      value => `/run/credentials/forage-gateway.service/${value.split(':')[0]}`,
    )
    t.same([...secretFiles].sort(), [...given].sort())
    t.ok(Number(valuesOf('TimeoutStopSec')[0]) * 1000 > longestEndMs)
  },
)

t.test('with the signs of its comment taken away, the section of the shared state is fit to run', async t => {
  const takeAway = (text: string): string => text.replaceAll(/^# (?=state:| )/gm, '')
  const { redis } = loadSample(t, 'deploy/systemd/gateway.yaml', takeAway).config.state
  t.match(redis, { address: { kind: 'single' }, password: 'redis-password-0123456789abcdef0123456789abcdef' })
  t.ok(redis?.sealingKey)
})

t.test('a configuration that is not fit to run is not tried again, and anything else is', async t => {
  t.same(valuesOf('Restart'), ['on-failure'])
  t.same(valuesOf('RestartPreventExitStatus'), ['78'])
})
