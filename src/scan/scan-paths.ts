import { statSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { createExclusion, excludedByDefault } from './exclusions.ts'
import { createBlock, type FileScan, scanFile } from './scan-file.ts'
import type { Finding } from './scan-text.ts'
import { walkFiles } from './walk-files.ts'

export interface PathScanOptions {
  /** Patterns of paths that are left out. */
  readonly exclude: readonly string[]
  /** Whether `.git` and `node_modules` are searched as well. */
  readonly includesAll: boolean
  /** Current time in seconds since the epoch. */
  readonly now: number
  /** Told of each file and folder that cannot be read. */
  readonly onUnreadable: (path: string, fault: NodeJS.ErrnoException) => void
  /** Told of each file that was read. */
  readonly onFile: (scan: FileScan) => void
}

/** A finding and the file it is in. */
export interface FileFinding extends Finding {
  readonly file: string
}

/** Files after which other work of the process gets its turn: what was written goes out. */
const filesPerTurn = 64

/**
 * Searches files and folders. A path that is given is searched whatever it is called, and followed where it is a
 * symbolic link; what is found in a folder is searched as the options say.
 */
export async function* scanPaths(paths: readonly string[], options: PathScanOptions): AsyncGenerator<FileFinding> {
  const block = createBlock()
  let files = 0
  for (const file of filesOf(paths, options)) {
    const scan = tryTo(() => scanFile(file, options.now, block), file, options)
    for (const finding of scan?.findings ?? []) yield { file, ...finding }
    if (scan) options.onFile(scan)
    if (++files % filesPerTurn === 0) await setImmediate()
  }
}

function* filesOf(paths: readonly string[], options: PathScanOptions): Generator<string> {
  const { exclude, includesAll, onUnreadable } = options
  const isExcluded = createExclusion(includesAll ? exclude : [...exclude, ...excludedByDefault])
  for (const path of paths) {
    const status = tryTo(() => statSync(path), path, options)
    if (status?.isDirectory()) yield* walkFiles(path, { isExcluded, onUnreadable })
    else if (status) yield path
  }
}

/** A file that cannot be read is told of, and the others are searched. A fault of ours is thrown. */
function tryTo<Result>(read: () => Result, path: string, { onUnreadable }: PathScanOptions): Result | undefined {
  try {
    return read()
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).syscall !== 'string') throw error
    onUnreadable(path, error as NodeJS.ErrnoException)
    return undefined
  }
}
