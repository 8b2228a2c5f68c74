import { type Dirent, readdirSync } from 'node:fs'
import { join } from 'node:path'

export interface WalkOptions {
  /** Whether a file is left out, or a folder with everything in it. */
  readonly isExcluded: (path: string) => boolean
  /** Told of each folder that cannot be read. */
  readonly onUnreadable: (path: string, fault: NodeJS.ErrnoException) => void
}

/**
 * The files of a folder and of the folders in it, in the order of their names. Symbolic links are not followed: they
 * may form loops, lead out of the tree, or show a file twice. Sockets, pipes and devices are no files.
 */
export function* walkFiles(folder: string, { isExcluded, onUnreadable }: WalkOptions): Generator<string> {
  const folders = [folder]
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    const inner: string[] = []
    for (const entry of readFolder(next, onUnreadable)) {
      const path = join(next, entry.name)
      if (isExcluded(path)) continue
      if (entry.isDirectory()) inner.push(path)
      else if (entry.isFile()) yield path
    }
    for (const path of inner.reverse()) folders.push(path)
  }
}

function readFolder(folder: string, onUnreadable: WalkOptions['onUnreadable']): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((left, right) => (left.name < right.name ? -1 : 1))
  } catch (error) {
    onUnreadable(folder, error as NodeJS.ErrnoException)
    return []
  }
}
