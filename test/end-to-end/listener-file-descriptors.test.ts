import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as later } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { startGatewayProcess } from '../fixtures/gateway-process.ts'
import { at, send } from '../fixtures/http-client.ts'
import { aLiveToken, aRequest } from '../fixtures/live-token.ts'
import { missingExtra } from '../fixtures/real-part.ts'
import { startRecorder } from '../fixtures/recorder.ts'

t.test(
  'with 256 files that may be open and 400 clients, the gateway lives, and serves at once when they have left',
  { skip: missingExtra('prlimit') },
  async t => {
    const upstream = await startRecorder(t)
    const gateway = await startGatewayProcess(t, {
      folder: t.testdir(),
      api: upstream.url,
      config: { upstream: { api: upstream.url, connections: 8 } },
      // Node alone has a hundred open for a moment, while it loads a program.
      before: ['prlimit', '--nofile=256', '--'],
    })
    t.equal(await ask(gateway.url), 200)
    const clients = openClients(t, gateway.url, 400)
    // Those that are turned away are closed; the others stay: 256, less 48 for ourselves and 8 for the upstream.
    while (clients.filter(client => !client.closed).length > 200) await later(5)
    const open = clients.find(client => !client.closed)
    open?.write(aRequest({}))
    const answer = await new Promise<string>(resolve => open?.once('data', chunk => resolve(chunk.toString())))
    t.match(answer, /^HTTP\/1\.1 200/, 'who is in is served, upstream connections included')

    for (const client of clients) client.destroy()
    t.equal(await untilServed(gateway.url), 200)
    gateway.process.kill('SIGTERM')
    t.equal(await gateway.exit, 0)
    t.match(gateway.log(), /a connection was refused: as many as may be are open/)
  },
)

t.test(
  'when accepting itself runs out of files, the gateway lives, and serves when there are some again',
  { skip: missingExtra('prlimit') },
  async t => {
    const upstream = await startRecorder(t)
    const gateway = await startGatewayProcess(t, { folder: t.testdir(), api: upstream.url })
    const { pid } = gateway.process
    const held = readdirSync(`/proc/${pid}/fd`).length
    const allow = (files: number) => execFileSync('prlimit', ['--pid', String(pid), `--nofile=${files}:`])
    allow(held + 4)
    const clients = openClients(t, gateway.url, 200)
    while (clients.filter(client => !client.closed).length > 8) await later(5)
    allow(1024)
    for (const client of clients) client.destroy()
    t.equal(await untilServed(gateway.url), 200)
    gateway.process.kill('SIGTERM')
    t.equal(await gateway.exit, 0)
  },
)

function openClients(t: Test, url: string, count: number): Socket[] {
  const clients = Array.from({ length: count }, () => connect(at(url)).on('error', () => {}))
  t.teardown(() => clients.forEach(client => void client.destroy()))
  return clients
}

function ask(url: string): Promise<number> {
  const headers = { authorization: `Bearer ${aLiveToken()}` }
  return send({ ...at(url), path: '/api/orders/a/', headers }).then(reply => reply.status)
}

/** Asks until there is an answer of 200, at most for a second. */
async function untilServed(url: string): Promise<number | undefined> {
  for (let tries = 0; tries < 100; tries++) {
    const status = await ask(url).catch(() => undefined)
    if (status === 200) return status
    await later(10)
  }
  return undefined
}
