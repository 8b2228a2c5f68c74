/* The question of canary.test.ts, for the commands that are given tokens, requests and files. */
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { mintTimestamped } from '../../src/simulator/session-token.ts'
import { runCommand } from '../cli/run-command.ts'
import { aDocument } from '../fixtures/canary-config.ts'
import { findCanaries } from '../fixtures/canary-forms.ts'
import { randomText, Secrets } from '../fixtures/canary-secrets.ts'
import { aLiveToken } from '../fixtures/live-token.ts'

function expectNothing(t: Test, { canaries }: Secrets, outputs: ReadonlyMap<string, string>): void {
  t.same(findCanaries(canaries, outputs), [])
}

/** A configuration that is fine, tokens of each kind, and the shopper's card. */
function startCommands(t: Test) {
  const folder = t.testdir()
  const secrets = new Secrets()
  const file = join(folder, 'gateway.yaml')
  writeFileSync(file, JSON.stringify(aDocument(folder, secrets)))
  const now = Math.floor(Date.now() / 1000)
  const sk = secrets.add('the key in a session token', randomBytes(16).toString('base64url'))
  const tokens = [
    secrets.addToken('a session token', mintTimestamped('sandbox', { a: 1, sk, t: 7 }, now, randomText(40))),
    secrets.addToken('a session token', aLiveToken()),
    secrets.addToken('an authentication token', `sandbox_${randomText(30)}`),
    secrets.addToken('an authentication token', `prod_${randomText(30)}`),
  ]
  const pan = secrets.add('the card number', '9999411111111111')
  return { folder, secrets, file, tokens, words: [...tokens, pan, secrets.canaries.get('the client secret') as string] }
}

t.test('explain repeats no credential and nothing of the target', async t => {
  const { secrets, file, words } = startCommands(t)
  const outputs = new Map<string, string>()
  const note = async (what: string, args: readonly string[]) => {
    for (const format of [[], ['--json']]) {
      const { out, err } = await runCommand(['explain', '--config', file, ...format, ...args])
      outputs.set(`${what} ${format}`, `${outputs.get(`${what} ${format}`) ?? ''}${out}${err}`)
    }
  }
  for (const word of words) {
    await note('the token', ['--token', word, 'GET', '/api/orders/a/'])
    await note('the target', ['--token', word, 'GET', `/api/orders/${word}/?card=${word}`])
    await note('a field', ['-H', `X-Note: ${word}`, '-H', `Cookie: a=${word}`, 'GET', '/api/orders/a/'])
    await note('no field', ['-H', word, 'GET', '/api/orders/a/'])
    await note('the method', [word, '/api/orders/a/'])
    await note('a wrong option', [`--tokne=${word}`, 'GET', '/'])
    await note('too much', ['GET', '/', word, word])
    await note('a value that was forgotten', ['--token'])
  }
  expectNothing(t, secrets, outputs)
})

t.test('token inspect shows no signature, no key and no authentication token', async t => {
  const { secrets, words } = startCommands(t)
  const outputs = new Map<string, string>()
  for (const [index, word] of words.entries()) {
    for (const stdin of [word, `${word}=`, `${word}.${word}`, `x${word}`, `${word}\n${word}`, `"${word}"`]) {
      for (const args of [[], ['--json'], [word]]) {
        const { out, err } = await runCommand(['token', 'inspect', ...args], { stdin })
        outputs.set(`word ${index}, ${stdin.length}, ${args.length}`, out + err)
      }
    }
  }
  expectNothing(t, secrets, outputs)
})

t.test('scan shows the beginning of what it finds, and nothing whole', async t => {
  const { folder, secrets, tokens } = startCommands(t)
  const lines = tokens.map(token => `const token = "${token}"`)
  const clientSecret = secrets.canaries.get('the client secret')
  lines.push(`const client_secret = "${clientSecret}"`)
  writeFileSync(join(folder, 'leaks.js'), lines.join('\n'))
  const outputs = new Map<string, string>()
  for (const args of [[], ['--json']]) {
    const { code, out, err } = await runCommand(['scan', ...args, join(folder, 'leaks.js')])
    t.equal(code, 1)
    t.match(err, /^5 credentials found/)

    outputs.set(`scan ${args}`, out + err)
    const piped = await runCommand(['scan', ...args], { stdin: lines.join(' ') })
    outputs.set(`scan of standard input ${args}`, piped.out + piped.err)
  }
  expectNothing(t, secrets, outputs)
})
