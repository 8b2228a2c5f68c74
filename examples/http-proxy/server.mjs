// An http-proxy server that forwards what a session token may do, and nothing else.
import { Agent, createServer } from 'node:http'
import { Agent as TlsAgent } from 'node:https'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { guard } from 'forage-gateway/http-proxy'
import httpProxy from 'http-proxy'

const config = process.argv[2] ?? fileURLToPath(new URL('../gateway.yaml', import.meta.url))
const target = process.env.UPSTREAM ?? 'https://api.sandbox.joinforage.app'
const agent = target.startsWith('https:') ? new TlsAgent({ keepAlive: true }) : new Agent({ keepAlive: true })

const proxy = httpProxy.createProxyServer({ target, agent, proxyTimeout: 30_000 })
const forage = await guard(proxy, { config })

const server = createServer(forage).listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`)
})
forage.guardServer(server)
process.once('SIGTERM', () => server.close(() => forage.close().then(() => agent.destroy())))
