import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { startCommand } from './run-command.ts'

interface Shown {
  readonly status: string
  readonly code: string | undefined
  readonly line: string
}

/** The commented lines of the demo, as a visitor reads them. */
function readLines(out: string): readonly Shown[] {
  const lines = [...out.matchAll(/^# (\d{3})(?: (\w+))?: .+\n(curl .+)$/gm)]
  return lines.map(([, status = '', code, line = '']) => ({ status, code, line }))
}

async function paste(line: string): Promise<string> {
  const { stdout } = await promisify(execFile)('bash', ['-c', line])
  return stdout
}

t.test('every line of the demo is answered as its comment says', async t => {
  const running = startCommand(['demo'])
  await running.until('Ctrl-C stops')
  t.teardown(async () => {
    running.signals.emit('SIGTERM')
    await running.exit
  })
  const lines = readLines(running.out())
  t.same(
    lines.map(({ status, code }) => [status, code]),
    [
      ['200', undefined],
      ['201', undefined],
      ['401', 'unauthorized'],
      ['403', 'authentication_token_not_allowed'],
      ['403', 'authentication_token_not_allowed'],
      ['403', 'forbidden'],
      ['401', 'expired_session_token'],
      ['400', 'invalid_request'],
      ['200', undefined],
      ['401', 'invalid_token'],
      ['403', 'authentication_token_not_allowed'],
      ['200', undefined],
      ['200', undefined],
    ],
  )
  for (const { status, code, line } of lines) {
    const answer = await paste(line)
    t.match(answer, `HTTP/1.1 ${status} `, line)
    if (code !== undefined) t.match(answer, `"errors":[{"code":"${code}"`)
  }

  const issued = lines.find(({ line }) => line.includes('/session_token'))
  t.match(await paste(issued?.line ?? ''), /"token":"mock_eyJ[^"]+","expires_at":"20/)
  // The leaks that were pasted have been noted: client id and secret, and the authentication token.
  t.match(await paste(lines.at(-2)?.line ?? ''), '"leaks":3')

  // The last line has ended all sessions.
  const [allowed] = lines
  const ended = await paste(allowed?.line ?? '')
  t.match(ended, 'HTTP/1.1 401 ')
  t.match(ended, '"code":"invalid_token"')
  t.match(lines.at(-1)?.line, /\/revocations .*\{"all":true\}/)
})

t.test('a second demo at the same time finds free ports', async t => {
  const first = startCommand(['demo'])
  await first.until('Ctrl-C stops')
  const second = startCommand(['demo'])
  await second.until('Ctrl-C stops')
  t.match(
    second.out(),
    /^Port 9090 is taken: using a free one\.\nPort 8080 is taken: using a free one\.\nforage-gateway 0\.1\.0 listening on /,
  )
  const lines = readLines(second.out())
  for (const { line } of [lines[0], lines.at(-2)].flatMap(shown => shown ?? []))
    t.match(await paste(line), 'HTTP/1.1 200 ')
  for (const running of [second, first]) {
    running.signals.emit('SIGINT')
    t.equal(await running.exit, 0)
  }
})
