import { isEnvironment } from '../forage/environments.ts'
import { GatewayError } from '../gateway-error.ts'
import { tokenFormats } from '../session/session.ts'
import { seededRefs } from '../simulator/seeded-refs.ts'
import { type Simulator, type SimulatorOptions, startSimulator } from '../simulator/simulator.ts'
import type { Command } from './command.ts'
import { type Arguments, readArguments } from './read-arguments.ts'
import { untilStopped } from './until-stopped.ts'
import { UsageError } from './usage-error.ts'

const help = `Usage: forage-gateway simulator [--port N] [--host H] [--environment E]
         [--seed S] [--format F]

Runs a simulation of the Forage Payments API on this machine, for development
and tests. Prints its address, credentials and a session token. Nothing in it
is real, and no card is ever charged. SIGTERM or SIGINT stops it.

  --port N          default 4010; 0 picks a free one
  --host H          loopback address, default 127.0.0.1
  --environment E   prefix of the tokens, default mock
  --seed S          same seed, same credentials and references
  --format F        of session tokens: timestamped (default) or jwt

Example:
  forage-gateway simulator --port 4010
`

const options = {
  port: { type: 'string' },
  host: { type: 'string' },
  environment: { type: 'string' },
  seed: { type: 'string' },
  format: { type: 'string' },
} as const

export const command: Command = {
  help,
  async run(args, io) {
    const simulator = await start(readOptions(readArguments(args, { options })))
    io.stdout.write(introduce(simulator))
    return untilStopped({ stop: () => simulator.close() }, io)
  },
}

function readOptions(given: Arguments): SimulatorOptions {
  const port = given.text('port') ?? '4010'
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new UsageError('--port takes a number from 0 to 65535')
  const environment = given.text('environment') ?? 'mock'
  if (!isEnvironment(environment)) throw new UsageError('--environment takes an environment of Forage, such as sandbox')
  const sessionTokenFormat = tokenFormats.find(format => format === (given.text('format') ?? 'timestamped'))
  if (!sessionTokenFormat) throw new UsageError('--format takes timestamped or jwt')
  const host = given.text('host')
  const seed = given.text('seed')
  return {
    port: Number(port),
    environment,
    sessionTokenFormat,
    ...(host === undefined ? {} : { host }),
    ...(seed === undefined ? {} : { seed }),
  }
}

async function start(chosen: SimulatorOptions): Promise<Simulator> {
  try {
    return await startSimulator(chosen)
  } catch (cause) {
    if (cause instanceof TypeError) throw new UsageError('--host takes a loopback address, such as 127.0.0.1')
    const { code } = cause as NodeJS.ErrnoException
    const fault = code === 'EADDRINUSE' ? 'another program uses it' : String(code)
    throw new GatewayError(
      'ERR_FORAGE_LISTEN',
      `Cannot listen on port ${chosen.port}: ${fault}. Choose another --port.`,
      {
        cause,
      },
    )
  }
}

function introduce(simulator: Simulator): string {
  const { url, environment, clientId, clientSecret, sessionTokenSecret, merchantAccount } = simulator
  const token = simulator.issueSessionToken()
  return `Simulator of the Forage Payments API at ${url} (environment ${environment})

Simulated credentials; nothing real accepts them:
  client id         ${clientId}
  client secret     ${clientSecret}
  signing secret    ${sessionTokenSecret}
  merchant account  ${merchantAccount}
  session token     ${token}
                    (lives 15 minutes)

As the Forage of a gateway, in its configuration:
  environment: ${environment}
  upstream: { api: ${url} }

Try:
  curl -sS -i ${url}/api/orders/${seededRefs.order}/ -H 'Authorization: Bearer ${token}' -H 'Merchant-Account: ${merchantAccount}'

Ctrl-C stops it.
`
}
