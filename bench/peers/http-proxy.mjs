// http-proxy 1.18.1 alone, with an agent that keeps connections: it forwards, and checks nothing.
import { Agent, createServer } from 'node:http'
import { Agent as TlsAgent } from 'node:https'
import httpProxy from 'http-proxy'
import { agentOptions, keepAliveTimeout, settings, tellListening } from './settings.mjs'

const { upstream, port } = settings
const isTls = upstream.startsWith('https:')
const agent = isTls ? new TlsAgent(agentOptions) : new Agent(agentOptions)
// With TLS the certificate is checked against Host.
const proxy = httpProxy.createProxyServer({ target: upstream, agent, changeOrigin: isTls })
proxy.on('error', (_error, _request, response) => response.writeHead?.(502, { 'Content-Length': 0 }).end())
const server = createServer({ keepAliveTimeout }, (request, response) => proxy.web(request, response))
server.listen(port, '127.0.0.1', () => tellListening(server.address().port))
