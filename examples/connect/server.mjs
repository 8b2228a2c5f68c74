// A Connect application, all of it behind the guard.
import { createServer } from 'node:http'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import connect from 'connect'
import { guard } from 'forage-gateway/connect'

const config = process.argv[2] ?? fileURLToPath(new URL('../gateway.yaml', import.meta.url))
const forage = await guard({ config })

const app = connect()
app.use(forage)
app.use((request, response) => {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ scope: request.forage.scope }))
})

const server = createServer(app).listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`)
})
forage.guardServer(server)
process.once('SIGTERM', () => server.close(() => forage.close()))
