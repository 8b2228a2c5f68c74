import t from 'tap'
import { commands } from '../../src/cli/commands.ts'
import { reportFault } from '../../src/cli/run.ts'
import { GatewayError } from '../../src/gateway-error.ts'
import { runCommand } from './run-command.ts'

function fits(text: string): boolean {
  const lines = text.trimEnd().split('\n')
  return lines.length <= 24 && lines.every(line => line.length <= 80)
}

t.test('the help of the program lists every command and fits a terminal', async t => {
  for (const args of [['--help'], ['-h'], ['help']]) {
    const { code, out, err } = await runCommand(args)
    t.equal(code, 0)
    t.equal(err, '')
    t.ok(fits(out), out)
    for (const { name } of commands) t.match(out, `\n  ${name} `)
  }
})

for (const { name } of commands) {
  t.test(`the help of ${name} has an example and fits a terminal`, async t => {
    const { code, out } = await runCommand([name, '--help'])
    t.equal(code, 0)
    t.match(out, new RegExp(`^Usage: forage-gateway ${name}`))
    t.match(out, new RegExp(`\\nExample:\\n  forage-gateway ${name}`))
    t.ok(fits(out), out)
    t.equal((await runCommand(['help', name])).out, out)
    t.match(await runCommand([name, '--version']), { code: 0, out: '0.1.0\n' })
    t.match(await runCommand([name, '--absent-option']), {
      code: 2,
      err: new RegExp(`See: forage-gateway ${name} --help`),
    })
  })
}

t.test('no command at all is wrong usage, with the help on standard error', async t => {
  t.match(await runCommand([]), { code: 2, out: '', err: /^Usage: / })
})

t.test('an unknown command is wrong usage, and the nearest one is named', async t => {
  t.match(await runCommand(['chekc']), { code: 2, out: '', err: /Did you mean "check"/ })
  t.match(await runCommand(['help', 'rotues']), { code: 2, err: /Did you mean "routes"/ })
  t.match(await runCommand(['frobnicate']), { code: 2, err: /Commands: start, demo/ })
})

t.test('an unknown option is wrong usage, and the nearest one is named', async t => {
  t.match(await runCommand(['check', '--confg=x']), { code: 2, err: /--confg is not an option.*did you mean --config/ })
  t.match(await runCommand(['check', '-x']), { code: 2, err: /-x is not an option/ })
})

t.test('an option without its value, with one too many, or an argument too many is wrong usage', async t => {
  t.match(await runCommand(['check', '--config']), { code: 2, err: /--config needs a value/ })
  t.match(await runCommand(['check', '--json=secret']), { code: 2, err: /--json takes no value/ })
  t.match(await runCommand(['check']), { code: 2, err: /--config FILE is missing/ })
  t.match(await runCommand(['schema', 'secret']), { code: 2, err: /takes no arguments/ })
  t.match(await runCommand(['explain', '--config', 'x', 'GET']), { code: 2, err: /TARGET is missing/ })
  t.match(await runCommand(['explain', '--config', 'x', 'GET', '/', '/']), {
    code: 2,
    err: /METHOD and TARGET and nothing/,
  })
})

t.test('wrong usage never repeats a value', async t => {
  for (const args of [
    ['check', '--json=prod_secret'],
    ['schema', 'prod_secret'],
    ['explain', '--tokn=prod_secret'],
    ['prod_secret'],
    ['token', 'prod_secret'],
    ['token', 'inspect', 'prod_secret'],
    ['simulator', '--environment', 'prod_secret'],
  ])
    t.notMatch((await runCommand(args)).err, 'prod_secret', args.join(' '))
})

t.test('an internal fault is one sentence, and where it arose only where that is asked for', async t => {
  const report = (env: NodeJS.ProcessEnv): string => {
    let text = ''
    t.equal(reportFault(new Error('boom'), { stderr: { write: part => (text += part) }, env }), 70)
    return text
  }
  t.equal(report({}), 'forage-gateway: a fault of the gateway itself. FORAGE_GATEWAY_DEBUG=1 shows where.\n')
  const shown = report({ FORAGE_GATEWAY_DEBUG: '1' })
  t.match(shown, /Error\n +at /)
  t.notMatch(shown, 'boom', 'a message may repeat anything')
})

t.test('what keeps the gateway from running is a wrong configuration', async t => {
  let text = ''
  const stderr = { write: (part: string) => (text += part) }
  t.equal(reportFault(new GatewayError('ERR_FORAGE_LISTEN', 'Cannot listen.'), { stderr, env: {} }), 78)
  t.equal(text, 'Cannot listen.\n')
})

t.test('a system that lets the program open too few files is asked for more', async t => {
  for (const code of ['EMFILE', 'ENFILE']) {
    let text = ''
    const stderr = { write: (part: string) => (text += part) }
    t.equal(reportFault(Object.assign(new Error('too many'), { code }), { stderr, env: {} }), 78)
    t.match(
      text,
      /^forage-gateway: this process may not open as many files as it needs; raise its limit: ulimit -n \d+\n$/,
    )
  }
})
