import t from 'tap'
import { runCommand, startCommand } from './run-command.ts'

t.test('the simulator prints its address, credentials and a token that it accepts', async t => {
  const running = startCommand(['simulator', '--port', '0', '--environment', 'sandbox', '--format', 'jwt'])
  await running.until('Ctrl-C')
  const out = running.out()
  const found = (pattern: RegExp): string => pattern.exec(out)?.[1] ?? ''
  const url = found(/ at (http:\/\/127\.0\.0\.1:\d+) \(environment sandbox\)/)
  const token = found(/session token +(sandbox_\S+)/)
  const headers = { Authorization: `Bearer ${token}`, 'Merchant-Account': found(/merchant account +(\S+)/) }
  const [, path = ''] = /curl -sS -i http:\/\/[^/]+(\/\S+)/.exec(out) ?? []
  t.equal((await fetch(`${url}${path}`, { headers })).status, 200)
  t.equal(token.split('.').length, 3)
  t.match(out, /client id +\w{40}\n +client secret +\w{128}\n +signing secret +\w{48}\n/)

  const other = await runCommand(['simulator', '--port', new URL(url).port])
  t.match(other, { code: 78, err: /another program uses it/ })
  running.signals.emit('SIGTERM')
  t.equal(await running.exit, 0)
})

const wrong: [string, readonly string[]][] = [
  ['--port', ['65536']],
  ['--port', ['x']],
  ['--environment', ['Prod']],
  ['--host', ['192.0.2.1']],
  ['--format', ['paseto']],
]

for (const [option, [value = '']] of wrong) {
  t.test(`${option} ${value} is wrong usage`, async t => {
    t.match(await runCommand(['simulator', option, value]), { code: 2, err: new RegExp(`${option} takes`) })
  })
}
