// What a peer is told: the path of a file, since it holds the secret, and arguments can be read by everybody.
import { readFileSync } from 'node:fs'
import process from 'node:process'

/** `upstream` (origin), `secret`, `port`, `connections`. */
export const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'))

/** As long as the gateway's, so that idle connections can be counted. */
export const keepAliveTimeout = 65_000

export const prefix = 'Bearer sandbox_'

/** For the upstream, where a peer does not bring its own. */
export const agentOptions = { keepAlive: true, maxSockets: settings.connections, maxFreeSockets: settings.connections }

export function tellListening(port) {
  process.stdout.write(`listening on ${port}\n`)
}
