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
  /** Null: no session tokens are issued. */
  readonly issuing: { renewSecrets(): void } | null
  readonly logger: Logger
}

/**
 * Takes up keys and certificates when their files change.
 *
 * @returns what ends each watch
 */
export function watchKeyFiles(config: Config, users: KeyUsers): readonly (() => void)[] {
  const { session, listen, issuing } = config
  const { tls } = listen
  const watches = [watchFiles(session.keyFiles, () => void rotateKeys(config, users))]
  if (tls) watches.push(watchFiles(tls.files, () => reloadCertificate(tls, users)))
  if (issuing) watches.push(watchIssuingSecrets(issuing.secretFiles, users))
  return watches
}

/** Takes up the secrets of issuing. @returns what ends the watch */
export function watchIssuingSecrets(files: readonly string[], users: Pick<KeyUsers, 'issuing' | 'logger'>): () => void {
  return watchFiles(files, () => renewSecrets(users))
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

function renewSecrets({ issuing, logger }: Pick<KeyUsers, 'issuing' | 'logger'>): void {
  try {
    issuing?.renewSecrets()
    logger.info('the changed secrets of issuing are in use')
  } catch (error) {
    logger.error(
      { problem: (error as Error).message },
      'the changed secrets of issuing are not fit; the ones in use stay',
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
