// The load: a process of its own, so that what it costs is not counted with the proxy. It is told by messages what to do
// and tells what came of it. It reads the proxy's accounts itself, at the moments at which it begins and ends to count.
import process from 'node:process'
import { Hold } from './hold.mjs'
import { Run } from './run.mjs'

let held

process.on('message', order => {
  perform(order).then(
    result => process.send({ result }),
    error => process.send({ fault: error.message }),
  )
})
process.on('disconnect', () => process.exit())
process.stdout.write('listening on 0\n')

async function perform({ kind, ...order }) {
  if (kind === 'run') return new Run(order).done()
  if (kind === 'hold') {
    held = new Hold(order)
    return held.open()
  }
  held.close()
  return {}
}
