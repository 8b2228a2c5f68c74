import process from 'node:process'
import type { ConfigurationOrder } from '../gateway/configuration.ts'
import type { WorkerOrder } from '../gateway/workers.ts'

/** Orders of the keeper. None is lost, also those that come before there is anybody to carry them out. */
export interface Mailbox {
  /** The first configuration that comes; undefined when the keeper says stop before, or is gone. */
  readonly configuration: Promise<ConfigurationOrder | undefined>
  /** Hands over what has come after that configuration, and from now on everything at once. */
  deliverTo(carryOut: (order: WorkerOrder) => void): void
}

export function openMailbox(): Mailbox {
  const held: WorkerOrder[] = []
  let carryOut = (order: WorkerOrder): void => void held.push(order)
  const configuration = new Promise<ConfigurationOrder | undefined>(resolve => {
    let isFirst = true
    process.on('message', (order: WorkerOrder) => {
      const endsWaiting = isFirst && (order.kind === 'configuration' || order.kind === 'stop')
      if (!endsWaiting) return carryOut(order)
      isFirst = false
      resolve(order.kind === 'configuration' ? order : undefined)
    })
    process.once('disconnect', () => resolve(undefined))
  })
  return {
    configuration,
    deliverTo(handler) {
      carryOut = handler
      for (const order of held.splice(0)) handler(order)
    },
  }
}
