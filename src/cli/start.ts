import cluster from 'node:cluster'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load-config.ts'
import { packageVersion } from '../config/package-files.ts'
import { createGateway, type Gateway } from '../gateway.ts'
import { createWorkerGateway } from '../gateway-workers.ts'
import type { Command } from './command.ts'
import { forkWorker, workerPortVariable } from './fork-worker.ts'
import { configFile, readArguments } from './read-arguments.ts'
import { runWorker } from './run-worker.ts'
import { untilStopped } from './until-stopped.ts'
import { describeVerification } from './verification.ts'

const help = `Usage: forage-gateway start --config FILE

Runs the gateway. Prints one line when it listens; what happens from then on
is in the log. SIGTERM or SIGINT lets requests in flight finish (up to
drainTimeoutMs) and ends with 0; a second one ends at once with 1. SIGHUP:
reload is not available yet.

  --config FILE   the configuration; see config/gateway.example.yaml

A configuration that is not fit to run ends with 78 and every problem, and so
does an address that cannot be listened on.

Example:
  forage-gateway start --config gateway.yaml
`

export const command: Command = {
  help,
  async run(args, io) {
    const config = loadConfig(configFile(readArguments(args, { options: { config: { type: 'string' } } })), io.env)
    if (cluster.isWorker) return runWorker(config, io.env[workerPortVariable])
    const gateway = config.workers > 1 ? await createWorkerGateway(config, forkWorker) : await createGateway(config)
    await gateway.start()
    io.stdout.write(listeningLine(gateway, config))
    return untilStopped({ stop: () => gateway.stop(), fail: error => gateway.fail(error), reloads: true }, io)
  },
}

/** The one line that says what runs, where, and what its verification is worth. */
export function listeningLine({ url, adminUrl }: Pick<Gateway, 'url' | 'adminUrl'>, config: Config): string {
  const { environment, upstream } = config
  const admin = adminUrl === '' ? 'no admin listener' : `admin ${adminUrl}`
  const facts = `environment ${environment}, upstream ${upstream.api}, ${admin}, sessions ${describeVerification(config)}`
  return `forage-gateway ${packageVersion()} listening on ${url} (${facts})\n`
}
