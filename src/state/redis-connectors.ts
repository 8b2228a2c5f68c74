import { createConnection } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import type { AbstractConnector, RedisOptions } from 'ioredis'

type ConnectorClass = NonNullable<RedisOptions['Connector']>
type Stream = Awaited<ReturnType<AbstractConnector['connect']>>

/** What is used of ioredis, which is loaded only where there is a Redis. */
export type Connectors = Pick<typeof import('ioredis'), 'AbstractConnector' | 'SentinelConnector'>

export interface SafeConnectors {
  readonly single: ConnectorClass
  readonly sentinel: ConnectorClass
}

interface Place {
  readonly host?: string
  readonly port?: number
  readonly tls?: ConnectionOptions
  readonly disconnectTimeout: number
}

/**
 * Ways to connect on which no error is left unheard. ioredis listens for one error of a socket; TLS may have a second
 * one, such as the alert with which a server answers that its certificate was refused, and that would end the process
 * (github.com/redis/ioredis/pull/962).
 */
export function createSafeConnectors({ AbstractConnector, SentinelConnector }: Connectors): SafeConnectors {
  class SingleConnector extends AbstractConnector {
    readonly #place: Place

    constructor(options: unknown) {
      super((options as Place).disconnectTimeout)
      this.#place = options as Place
    }

    override async connect(): Promise<Stream> {
      const { host = '', port = 0, tls } = this.#place
      this.connecting = true
      this.stream = tls ? connectTls({ host, port, ...tls }) : createConnection({ host, port })
      this.stream.on('error', ignore)
      return this.stream
    }
  }

  class SafeSentinelConnector extends SentinelConnector {
    constructor(options: unknown) {
      super(options as ConstructorParameters<typeof SentinelConnector>[0])
      // The clients with which Sentinels are asked are made in there, and connect in their own way.
      const inner = this as unknown as { connectToSentinel(endpoint: object, options?: object): unknown }
      const connectToSentinel = inner.connectToSentinel.bind(this)
      inner.connectToSentinel = (endpoint, rest) => connectToSentinel(endpoint, { ...rest, Connector: SingleConnector })
    }

    override async connect(emit: Parameters<AbstractConnector['connect']>[0]): Promise<Stream> {
      const stream = await super.connect(emit)
      stream.on('error', ignore)
      return stream
    }
  }

  return { single: SingleConnector, sentinel: SafeSentinelConnector }
}

/** The first error is told by the client; what follows it is its echo. */
function ignore(): void {}
