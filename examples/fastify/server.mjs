// A Fastify application, all of it behind the guard.
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import fastify from 'fastify'
import { guard } from 'forage-gateway/fastify'

const config = process.argv[2] ?? fileURLToPath(new URL('../gateway.yaml', import.meta.url))

const app = fastify()
await app.register(guard, { config })
app.get('/api/orders/:ref/', async request => ({ scope: request.forage.scope }))

const url = await app.listen({ port: Number(process.env.PORT ?? 8080), host: '127.0.0.1' })
console.log(`listening on ${url}`)
process.once('SIGTERM', () => app.close())
