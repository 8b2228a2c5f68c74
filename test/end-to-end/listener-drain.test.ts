import { Agent, request } from 'node:http'
import { setTimeout as later } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { askAdmin } from '../fixtures/admin-client.ts'
import { startGatewayProcess } from '../fixtures/gateway-process.ts'
import { at } from '../fixtures/http-client.ts'
import { aLiveToken, aPost } from '../fixtures/live-token.ts'
import { exchangeRaw, openRaw } from '../fixtures/raw-connection.ts'
import { type Recorder, startRecorder } from '../fixtures/recorder.ts'
import { withoutLimits } from '../fixtures/without-limits.ts'

/** An upstream that takes up to 60 ms, and answers each request with the id that it came with. */
function startSlowUpstream(t: Test): Promise<Recorder> {
  return startRecorder(t, (request, response) => {
    const id = String(request.headers['idempotency-key'])
    setTimeout(() => response.end(id), Number(id.replace(/\D/g, '')) % 60)
  })
}

/** What became of the requests of all clients, by id. */
interface Account {
  readonly sent: Set<string>
  readonly answered: Set<string>
  /** Never got through: the connection was refused, or ended before an octet of an answer. */
  readonly refused: Set<string>
  readonly wrong: string[]
}

/** A client that sends one request after the other on a connection that is kept, until it is turned away. */
async function runClient(url: string, name: string, account: Account, onAnswer: () => void): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const authorization = `Bearer ${aLiveToken()}`
  for (let count = 0; count < 1000; count++) {
    const id = `${name}-${count}`
    const isPost = count % 2 === 0
    const target = isPost ? { method: 'POST', path: '/api/payments/' } : { method: 'GET', path: '/api/orders/a/' }
    account.sent.add(id)
    const text = await ask({ ...at(url), ...target, agent, headers: { authorization, 'idempotency-key': id } }, isPost)
    if (text === undefined) {
      account.refused.add(id)
      break
    }
    if (text === id) account.answered.add(id)
    else account.wrong.push(`${id}: ${text}`)
    onAnswer()
  }
  agent.destroy()
}

/** @returns the body of a whole answer; undefined when the connection could not be made or ended before there was one */
function ask(options: object, isPost: boolean): Promise<string | undefined> {
  return new Promise(resolve => {
    const outgoing = request(options, incoming => {
      let text = ''
      incoming.on('data', chunk => {
        text += chunk
      })
      incoming.on('end', () => resolve(incoming.statusCode === 200 ? text : `${incoming.statusCode} ${text}`))
      incoming.on('error', () => resolve(`cut after ${text}`))
    })
    outgoing.on('error', () => resolve(undefined))
    outgoing.end(isPost ? JSON.stringify({ amount: 1 }) : undefined)
  })
}

t.test('SIGTERM under load: every accepted request is answered, none is lost, and the exit code is 0', async t => {
  const upstream = await startSlowUpstream(t)
  const config = withoutLimits(upstream.url)
  const gateway = await startGatewayProcess(t, { folder: t.testdir(), api: upstream.url, config })
  const account: Account = { sent: new Set(), answered: new Set(), refused: new Set(), wrong: [] }
  let onAnswer = () => {}
  const clients = Array.from({ length: 24 }, (_, index) => `client${index}`)
  const loads = clients.map(name => runClient(gateway.url, name, account, () => onAnswer()))
  await new Promise<void>(resolve => {
    onAnswer = () => (account.answered.size >= 300 ? resolve() : undefined)
  })
  // A POST whose body is half sent when the signal comes, too.
  const half = await openRaw(t, gateway.url)
  const message = aPost('{"amount":1}', ['Idempotency-Key: half-0'])
  half.send(message.slice(0, -3))
  // The gateway knows of it once it has answered on another connection that was opened later.
  t.equal((await exchangeRaw(t, gateway.url, aPost('{}', ['Idempotency-Key: probe-0']))).status, 200)
  gateway.process.kill('SIGTERM')
  await untilNotReady(gateway.adminUrl)
  half.send(message.slice(-3))
  const answer = await half.answer()
  t.same([answer.status, answer.body, answer.field('connection')], [200, 'half-0', 'close'])
  await Promise.all(loads)
  t.equal(await gateway.exit, 0)

  t.same(account.wrong, [])
  t.equal(account.sent.size, account.answered.size + account.refused.size)
  const done = upstream.requests.map(({ fields }) => idIn(fields)).filter(id => id.startsWith('client'))
  t.equal(new Set(done).size, done.length, 'none was done twice')
  t.same(new Set(done), account.answered, 'all that was done was answered, and what was refused was not done')
  t.ok(account.refused.size <= clients.length)
})

function idIn(fields: readonly string[]): string {
  return fields[fields.findIndex(field => field.toLowerCase() === 'idempotency-key') + 1] ?? ''
}

/** Waits until the admin listener says 503 while it still says that the process is alive. */
async function untilNotReady(adminUrl: string): Promise<void> {
  while ((await askAdmin(adminUrl, '/readyz')).status !== 503) await later(1)
  if ((await askAdmin(adminUrl, '/livez')).status !== 200) throw new Error('not alive during the drain')
}

t.test('a second SIGTERM ends the process at once with 1', async t => {
  const upstream = await startRecorder(t, () => {})
  const gateway = await startGatewayProcess(t, { folder: t.testdir(), api: upstream.url })
  const client = await openRaw(t, gateway.url)
  client.send(aPost('{}'))
  while (upstream.requests.length === 0) await later(1)
  gateway.process.kill('SIGTERM')
  await untilNotReady(gateway.adminUrl)
  gateway.process.kill('SIGTERM')
  t.equal(await gateway.exit, 1)
  t.equal(await client.closed, '')
})

t.test('drainTimeoutMs cuts what is left, and the exit code is 0', async t => {
  const upstream = await startRecorder(t, () => {})
  const config = { drainTimeoutMs: 300 }
  const gateway = await startGatewayProcess(t, { folder: t.testdir(), api: upstream.url, config })
  const client = await openRaw(t, gateway.url)
  client.send(aPost('{}'))
  while (upstream.requests.length === 0) await later(1)
  gateway.process.kill('SIGTERM')
  t.equal(await client.closed, '')
  t.equal(await gateway.exit, 0)
})
