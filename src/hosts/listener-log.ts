import type { Server } from 'node:http'
import type { Logger } from 'pino'
import type { Overload } from './load-shedding.ts'
import { seldom } from './seldom.ts'

/** Anybody can bring these lines about: one of each kind in this time. */
const quietMs = 10_000

/**
 * Logs what happens to connections before there is a request on them.
 *
 * @returns logs an error of the listener itself, such as no file descriptor for another connection
 */
export function watchListener(server: Server, logger: Logger): (error: NodeJS.ErrnoException) => void {
  const onDrop = seldom<unknown>(quietMs, (_, keptBack) =>
    logger.warn({ more: keptBack }, 'a connection was refused: as many as may be are open'),
  )
  const onHandshake = seldom<NodeJS.ErrnoException>(quietMs, ({ code }, keptBack) =>
    logger.info({ error_code: code, more: keptBack }, 'a TLS handshake failed'),
  )
  server.on('drop', onDrop).on('tlsClientError', onHandshake)
  return seldom<NodeJS.ErrnoException>(quietMs, ({ code }, keptBack) =>
    logger.error({ error_code: code, more: keptBack }, 'a connection could not be accepted'),
  )
}

export function logOverload(logger: Logger, overload: Overload | undefined): void {
  if (overload === undefined) logger.warn('load is fine again: new requests are taken')
  else logger.warn({ cause: overload }, 'overloaded: new requests are answered with 503')
}
