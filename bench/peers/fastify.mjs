// @fastify/http-proxy, with @fastify/jwt and its cache of verified tokens. No route table, no log, no metrics.
import proxy from '@fastify/http-proxy'
import jwt from '@fastify/jwt'
import fastify from 'fastify'
import { keepAliveTimeout, prefix, settings, tellListening } from './settings.mjs'

const app = fastify({ logger: false, keepAliveTimeout })
await app.register(jwt, {
  secret: settings.secret,
  verify: {
    algorithms: ['HS256'],
    cache: 10_000,
    extractToken: ({ headers: { authorization = '' } }) =>
      authorization.startsWith(prefix) ? authorization.slice(prefix.length) : undefined,
  },
})
await app.register(proxy, {
  upstream: settings.upstream,
  undici: { connections: settings.connections },
  // Without arguments: with any, each request would make a verifier of its own, and its cache with it.
  preHandler: request => request.jwtVerify(),
})
await app.listen({ host: '127.0.0.1', port: settings.port })
tellListening(app.server.address().port)
