// An Express application whose /api is behind the guard. Everything else stays as it was.
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import express from 'express'
import { guard } from 'forage-gateway/connect'

const config = process.argv[2] ?? fileURLToPath(new URL('../gateway.yaml', import.meta.url))
const forage = await guard({ config })

const app = express().disable('x-powered-by')
app.get('/', (_request, response) => response.send('open to everybody'))
app.use('/api', forage, (request, response) => response.json({ scope: request.forage.scope }))

const server = app.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`)
})
forage.guardServer(server)
process.once('SIGTERM', () => server.close(() => forage.close()))
