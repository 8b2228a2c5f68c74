// http-proxy-middleware on Express, with express-jwt. No cache of tokens, no route table, no log, no metrics.
import { Agent } from 'node:http'
import { Agent as TlsAgent } from 'node:https'
import express from 'express'
import { expressjwt } from 'express-jwt'
import { createProxyMiddleware } from 'http-proxy-middleware'
import { agentOptions, keepAliveTimeout, prefix, settings, tellListening } from './settings.mjs'

const { secret, upstream, port } = settings
const isTls = upstream.startsWith('https:')
const app = express()
app.use(
  expressjwt({
    secret,
    algorithms: ['HS256'],
    getToken: ({ headers: { authorization = '' } }) =>
      authorization.startsWith(prefix) ? authorization.slice(prefix.length) : undefined,
  }),
)
app.use((error, _request, response, _next) => void response.status(error.status ?? 500).json({ error: error.name }))
const agent = isTls ? new TlsAgent(agentOptions) : new Agent(agentOptions)
// With TLS the certificate is checked against Host.
app.use(createProxyMiddleware({ target: upstream, agent, changeOrigin: isTls }))
const server = app.listen(port, '127.0.0.1', () => tellListening(server.address().port))
server.keepAliveTimeout = keepAliveTimeout
