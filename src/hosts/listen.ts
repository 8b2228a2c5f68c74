import type { Server } from 'node:http'
import { Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { GatewayError } from '../gateway-error.ts'

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string
  /** 0: a free one. */
  readonly port: number
  /** The part of the configuration that says so, such as `listen`. */
  readonly key: string
}

/**
 * @param onLateError told of errors after that, such as no file descriptor for another connection: they cost connections
 * that were not accepted yet, and must not cost the process
 * @throws GatewayError ERR_FORAGE_LISTEN with a sentence that says what to change
 */
export function listen(server: Server, address: ListenAddress, onLateError: (error: Error) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (cause: NodeJS.ErrnoException): void =>
      reject(new GatewayError('ERR_FORAGE_LISTEN', listenFault(cause, address), { cause }))
    server.once('error', onError)
    server.listen(address.port, address.host, () => {
      server.off('error', onError).on('error', onLateError)
      resolve()
    })
  })
}

/** The URL of a server that listens, such as `http://127.0.0.1:8080`; `''` otherwise. */
export function urlOf(server: Server): string {
  const address = server.address() as AddressInfo | null
  if (!address) return ''
  const scheme = server instanceof TlsServer ? 'https' : 'http'
  return `${scheme}://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`
}

function listenFault({ code = 'unknown error' }: NodeJS.ErrnoException, { host, port, key }: ListenAddress): string {
  const where = `Cannot listen on ${host} port ${port}`
  switch (code) {
    case 'EADDRINUSE':
      return `${where}: another program uses it. Stop that program, or set ${key}.port (0 picks a free one).`
    case 'EACCES':
      return `${where}: this user may not use that port. Set ${key}.port to 1024 or above.`
    case 'EADDRNOTAVAIL':
      return `${where}: this machine has no such address. Set ${key}.host to one that it has.`
    case 'ENOTFOUND':
      return `${where}: the name does not resolve. Set ${key}.host to an address of this machine.`
    default:
      return `${where} (${code}).`
  }
}
