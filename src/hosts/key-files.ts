import type { Server } from 'node:http'
import type { Logger } from 'pino'
import type { Config, TlsConfig } from '../config/config.ts'
import { watchFiles } from '../config/watch-files.ts'
import type { Sessions } from '../session/create-sessions.ts'
import { renewCertificate } from './http-server.ts'

/** What the files are for. */
export interface KeyUsers {
  readonly server: Server
  readonly sessions: Sessions
  readonly logger: Logger
}

/**
 * Takes up keys and certificates when their files change.
 *
 * @returns what ends each watch
 */
export function watchKeyFiles(config: Config, users: KeyUsers): readonly (() => void)[] {
  const { session, listen } = config
  const { tls } = listen
  const watches = [watchFiles(session.keyFiles, () => void rotateKeys(config, users))]
  if (tls) watches.push(watchFiles(tls.files, () => reloadCertificate(tls, users)))
  return watches
}

/** Half-written or unfit key files change nothing: the keys that are known stay in use. */
async function rotateKeys({ session }: Config, { sessions, logger }: KeyUsers): Promise<void> {
  try {
    await sessions.useKeys(session.readKeys())
    logger.info('the changed key files are in use')
  } catch (error) {
    logger.error(
      { problem: (error as Error).message },
      'the changed key files are not fit; the keys that are known stay in use',
    )
  }
}

/** A half-written or mismatching pair changes nothing either. Connections that are there are not touched. */
function reloadCertificate({ readPems }: TlsConfig, { server, logger }: KeyUsers): void {
  try {
    renewCertificate(server, readPems())
    logger.info('the changed certificate is in use for new connections')
  } catch (error) {
    logger.error({ problem: (error as Error).message }, 'the changed certificate is not fit; the one in use stays')
  }
}
