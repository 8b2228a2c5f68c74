// Everything that can be put between the load and the upstream, and how it is started.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { freePort, startProgram } from '../programs/child.mjs'
import { startGateway } from '../programs/gateway.mjs'
import { haproxyConfig, haproxyVersion } from './haproxy.mjs'

const connections = 64
const here = fileURLToPath(new URL('.', import.meta.url))
const policyFile = fileURLToPath(new URL('../../config/policy.yaml', import.meta.url))

/** In the order of the tables. `checksTokens`: whether it refuses a token that is wrong. */
export const proxies = {
  gateway: { title: 'forage-gateway', does: 'all of it', checksTokens: true, start: gateway },
  fastify: {
    title: '@fastify/http-proxy + @fastify/jwt',
    does: 'token (cached)',
    checksTokens: true,
    start: node('fastify.mjs'),
  },
  express: {
    title: 'http-proxy-middleware, Express, JWT',
    does: 'token',
    checksTokens: true,
    start: node('express.mjs'),
  },
  httpProxy: {
    title: 'http-proxy 1.18.1, bare',
    does: 'forwards only',
    checksTokens: false,
    start: node('http-proxy.mjs'),
  },
  ...(haproxyVersion() !== undefined && {
    haproxy: { title: 'HAProxy, jwt_verify + ACLs', does: 'token, routes', checksTokens: true, start: haproxy },
  }),
}

/** No proxy that anybody would run: how fast one of `node:http` and undici can be. It forwards requests without a body. */
export const bare = {
  title: 'node:http + undici, nothing else',
  does: 'forwards, same fields',
  checksTokens: false,
  start: node('bare.mjs'),
}

/**
 * @typedef Place what a proxy is started with: `folder` and `name` of its files, `secret`, `upstream` (`port`, `certFile`
 *   or null), `processors`, `port` (undefined: any), `given` (members of the gateway's configuration)
 */

function gateway({ folder, name, secret, upstream, processors, port, given = {} }) {
  const { certFile } = upstream
  const ca = certFile === null ? {} : { upstream: { ca: certFile, ...given.upstream } }
  const options = { folder, name, secret, processors, port, given: { ...given, ...ca } }
  return startGateway({ ...options, upstream: originOf(upstream) })
}

function node(file) {
  return ({ folder, name, secret, upstream, processors, port = 0 }) => {
    const settings = join(folder, `${name}.json`)
    const told = { upstream: originOf(upstream), secret, port, connections }
    writeFileSync(settings, JSON.stringify(told), { mode: 0o600 })
    const env = upstream.certFile === null ? {} : { NODE_EXTRA_CA_CERTS: upstream.certFile }
    return startProgram({ command: process.execPath, args: [join(here, file), settings], processors, env })
  }
}

async function haproxy({ folder, name, secret, upstream, processors, port }) {
  const own = port ?? (await freePort())
  const file = join(folder, `${name}.cfg`)
  const { port: upstreamPort, certFile: caFile } = upstream
  const text = haproxyConfig({ port: own, upstreamPort, secret, caFile, connections, policyFile })
  writeFileSync(file, text, { mode: 0o600 })
  return startProgram({ command: 'haproxy', args: ['-db', '-f', file], processors, port: own })
}

function originOf({ port, certFile }) {
  return certFile === null ? `http://127.0.0.1:${port}` : `https://localhost:${port}`
}
