import cluster from 'node:cluster'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load-config.ts'
import { packageVersion } from '../config/package-files.ts'
import { describeReported } from '../gate/reported-routes.ts'
import { createWorkerGateway } from '../gateway/workers.ts'
import { createGateway, type Gateway } from '../gateway.ts'
import type { Command } from './command.ts'
import { forkWorker } from './fork-worker.ts'
import { configFile, readArguments } from './read-arguments.ts'
import { runWorker } from './run-worker.ts'
import { untilStopped } from './until-stopped.ts'
import { describeVerification } from './verification.ts'

const help = `Usage: forage-gateway start --config FILE

Runs the gateway. Prints one line when it listens; what happens from then on
is in the log. SIGTERM or SIGINT lets requests in flight finish (up to
drainTimeoutMs) and ends with 0; a second one ends at once with 1. SIGHUP, or
a change of one of its files, puts the configuration in force anew; one that
is not fit changes nothing. SIGUSR2 opens the log and the audit trail again.

  --config FILE   the configuration; see config/gateway.example.yaml

A configuration that is not fit to run ends with 78 and every problem, and so
does an address that cannot be listened on.

Example:
  forage-gateway start --config gateway.yaml
`

export const command: Command = {
  help,
  async run(args, io) {
    const file = configFile(readArguments(args, { options: { config: { type: 'string' } } }))
    if (cluster.isWorker) return runWorker(io)
    const config = loadConfig(file, io.env)
    const gateway = config.workers > 1 ? await createWorkerGateway(config, forkWorker) : await createGateway(config)
    await gateway.start()
    io.stdout.write(listeningLine(gateway, config))
    const running = {
      stop: () => gateway.stop(),
      fail: (error: unknown) => gateway.fail(error),
      reload: () => void gateway.reload(),
      reopenLogs: () => gateway.reopenLogs(),
    }
    return untilStopped(running, io)
  },
}

/** The one line that says what runs, where, and what its verification is worth. */
export function listeningLine(
  { url, adminUrl, forwardAuthUrl }: Pick<Gateway, 'url' | 'adminUrl' | 'forwardAuthUrl'>,
  config: Config,
): string {
  const { environment, upstream, forwardAuth } = config
  const authorizer = forwardAuth ? `, authorizer for ${forwardAuth.front} ${forwardAuthUrl}` : ''
  const admin = adminUrl === '' ? 'no admin listener' : `admin ${adminUrl}`
  const reported = describeReported(config.policy)
  const facts = `environment ${environment}, upstream ${upstream.api}, ${admin}${authorizer}, sessions ${describeVerification(config)}${reported === undefined ? '' : `; ${reported}`}`
  return `forage-gateway ${packageVersion()} listening on ${url} (${facts})\n`
}
