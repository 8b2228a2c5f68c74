import t from 'tap'
import { SharedPort } from '../../src/gateway/shared-port.ts'
import type { PoolWorker } from '../../src/hosts/worker-pool.ts'

const url = 'http://127.0.0.1:40123'

function aWorker() {
  const killed: string[] = []
  const worker: PoolWorker = { send() {}, kill: signal => void killed.push(signal), onMessage() {}, onExit() {} }
  return { worker, killed }
}

t.test('the first workers ask for the port of the configuration, and so do those that join them', async t => {
  const port = new SharedPort()
  t.same([port.next(), port.next(), port.url, port.live], [undefined, undefined, '', 0])
  port.join(aWorker().worker, url)
  port.join(aWorker().worker, url)
  t.same([port.next(), port.url, port.live], [undefined, url, 2])
})

t.test('a worker that finds nobody there asks for the port itself, and whoever joins it does, too', async t => {
  const port = new SharedPort()
  const first = aWorker().worker
  port.join(first, url)
  port.leave(first)
  t.same([port.live, port.next()], [0, 40123])
  port.join(aWorker().worker, url)
  t.same([port.live, port.next()], [1, 40123])
})

t.test('a worker that was given another port is killed, and does not count', async t => {
  const port = new SharedPort()
  port.join(aWorker().worker, url)
  const astray = aWorker()
  port.join(astray.worker, 'http://127.0.0.1:40124')
  t.same([astray.killed, port.live, port.url], [['SIGKILL'], 1, url])
})
