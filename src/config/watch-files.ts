import { createHash } from 'node:crypto'
import { readFileSync, unwatchFile, watchFile } from 'node:fs'

/**
 * Calls back when the contents of one of the files have changed.
 *
 * Polls, because a mounted secret is replaced by swapping a link, of which the system's own notifications miss every
 * second change; and compares contents, because a touched file is not a changed one.
 *
 * @param intervalMs default 2000
 * @returns stops watching
 */
export function watchFiles(files: readonly string[], onChange: () => void, intervalMs = 2000): () => void {
  let seen = digestOf(files)
  const look = (): void => {
    const now = digestOf(files)
    if (now === seen) return
    seen = now
    onChange()
  }
  for (const file of files) watchFile(file, { interval: intervalMs, persistent: false }, look)
  // The system takes its first look a moment later: what changed until then it would never tell.
  const first = setTimeout(look, intervalMs).unref()
  return () => {
    clearTimeout(first)
    for (const file of files) unwatchFile(file, look)
  }
}

function digestOf(files: readonly string[]): string {
  const digest = createHash('sha256')
  for (const file of files) digest.update(readQuietly(file)).update('\0')
  return digest.digest('hex')
}

/** A file that is away for a moment while it is replaced counts as empty. */
function readQuietly(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch {
    return Buffer.alloc(0)
  }
}
