import type { Config, IssuingConfig } from '../config/config.ts'
import { loadConfig } from '../config/load-config.ts'
import { packageFile } from '../config/package-files.ts'
import { createGateway, type Gateway } from '../gateway.ts'
import { GatewayError } from '../gateway-error.ts'
import { type Simulator, type SimulatorOptions, startSimulator } from '../simulator/simulator.ts'
import type { Command, Io } from './command.ts'
import { adminRequests, type DemoIssuing, type DemoRequest, demoRequests, issuingRequests } from './demo-requests.ts'
import { readArguments } from './read-arguments.ts'
import { listeningLine } from './start.ts'
import { untilStopped } from './until-stopped.ts'

const help = `Usage: forage-gateway demo

Runs the gateway on this machine in front of a simulation of the Forage
Payments API, and prints a fresh session token and curl lines to paste: two
that are let through and one for each kind of refusal, each with the answer to
expect; then three about issuing session tokens, and two for the listener of
operators. Nothing leaves this machine.
The configuration is config/demo.yaml.

Where its ports are taken, it uses free ones and says so. SIGTERM or SIGINT
(Ctrl-C) stops it.

Example:
  forage-gateway demo
`

export const command: Command = {
  help,
  async run(args, io) {
    readArguments(args, { options: {} })
    const written = loadConfig(packageFile('config', 'demo.yaml'), io.env)
    const simulator = await startBehind(written)
    const config = { ...written, upstream: { ...written.upstream, api: simulator.url } }
    try {
      const gateway = await startOnFreePorts(config, io)
      const issuing = await firstIssue(gateway.url, config, simulator)
      io.stdout.write(introduce(gateway, config, simulator, issuing))
      const stop = async (): Promise<void> => {
        await gateway.stop()
        await simulator.close()
      }
      return await untilStopped({ stop }, io)
    } finally {
      await simulator.close()
    }
  },
}

/** Starts the simulator where the configuration expects it, or on a free port. It signs with the key that is configured. */
async function startBehind({ environment, upstream, session, issuing }: Config): Promise<Simulator> {
  const { hostname, port } = new URL(upstream.api)
  const options: SimulatorOptions = {
    environment,
    host: hostname,
    sessionTokenFormat: 'jwt',
    sessionTokenSecret: Buffer.from(session.keys.jwtSecrets[0] ?? '').toString(),
    ...(issuing && { ...clientOf(issuing), merchantAccount: issuing.merchantAccount }),
  }
  try {
    return await startSimulator({ ...options, port: Number(port) })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    return startSimulator({ ...options, port: 0 })
  }
}

function clientOf({
  secrets: { clientId, clientSecret },
}: IssuingConfig): Pick<SimulatorOptions, 'clientId' | 'clientSecret'> {
  return { clientId, clientSecret }
}

/** What the visitor is given first. */
interface FirstIssue extends DemoIssuing {
  readonly token: string
}

/** Gets the first session token the way a merchant's server does. */
async function firstIssue(url: string, { issuing }: Config, simulator: Simulator): Promise<FirstIssue> {
  const backendKey = issuing?.secrets.backendKeys[0] ?? ''
  const headers = { Authorization: `Bearer ${backendKey}` }
  const { token } = (await (await fetch(`${url}/session_token`, { method: 'POST', headers })).json()) as FirstIssue
  const [ownAuthenticationToken = ''] = simulator.liveAuthenticationTokens()
  return { token, backendKey, ownAuthenticationToken }
}

/** Where a port is taken, another one does: a visitor is to see the demo, whatever else runs here. */
async function startOnFreePorts(config: Config, io: Io): Promise<Gateway> {
  const gateway = await createGateway(config)
  try {
    await gateway.start()
    return gateway
  } catch (error) {
    await gateway.stop()
    const port = takenPort(error)
    if (port === undefined) throw error
    io.stdout.write(`Port ${port} is taken: using a free one.\n`)
    return startOnFreePorts(withoutPort(config, port), io)
  }
}

function takenPort(error: unknown): number | undefined {
  const cause = error instanceof GatewayError ? (error.cause as NodeJS.ErrnoException & { port?: number }) : undefined
  return cause?.code === 'EADDRINUSE' ? cause.port : undefined
}

function withoutPort(config: Config, port: number): Config {
  const free = <T extends { readonly port: number }>(address: T): T =>
    address.port === port ? { ...address, port: 0 } : address
  return { ...config, listen: free(config.listen), admin: config.admin && free(config.admin) }
}

function introduce(gateway: Gateway, config: Config, simulator: Simulator, issued: FirstIssue): string {
  const requests = demoRequests(gateway.url, simulator, issued.token, Date.now() / 1000)
  const adminToken = Buffer.from(config.admin?.token ?? '').toString()
  return `${listeningLine(gateway, config)}
Session token (simulated, lives 15 minutes):
${issued.token}

Paste these into another terminal. Each comment says what is answered.

${show(requests)}
The gateway issues session tokens: it holds the merchant's credentials, so that no app and no other server has to.

${show(issuingRequests(gateway.url, issued))}
The console for operators is ${gateway.adminUrl}/ (open it in a browser); its token for changes is
${adminToken}

${show(adminRequests(gateway.adminUrl, adminToken))}
The log follows on standard error. Ctrl-C stops.
`
}

function show(requests: readonly DemoRequest[]): string {
  return requests.map(({ about, expect, line }) => `# ${expect}: ${about}\n${line}\n`).join('\n')
}
