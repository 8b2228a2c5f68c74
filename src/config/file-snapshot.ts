import { readFileSync } from 'node:fs'

/** Reads a file, or throws what the system says. @param path absolute */
export type ReadFile = (path: string) => Uint8Array

export const readFromDisk: ReadFile = path => readFileSync(path)

/**
 * The files of a configuration as they were when it was read: by absolute path, in base64, or the system's code where one
 * could not be read. Another process that reads from it gets the same configuration, whatever has become of the files.
 */
export interface FileSnapshot {
  /** Milliseconds since the epoch. */
  readonly takenAt: number
  readonly files: Readonly<Record<string, { readonly octets: string } | { readonly code: string }>>
}

/** Reads as `read` does, and keeps what was read. */
export function recordFiles(
  read: ReadFile,
  takenAt: number,
): { readonly read: ReadFile; readonly taken: () => FileSnapshot } {
  const files: Record<string, FileSnapshot['files'][string]> = {}
  return {
    read(path) {
      try {
        const octets = read(path)
        files[path] = { octets: Buffer.from(octets).toString('base64') }
        return octets
      } catch (cause) {
        files[path] = { code: String((cause as NodeJS.ErrnoException).code) }
        throw cause
      }
    },
    taken: () => ({ takenAt, files }),
  }
}

/** What some files hold now. @param paths absolute */
export function filesNow(paths: readonly string[]): FileSnapshot['files'] {
  const { read, taken } = recordFiles(readFromDisk, 0)
  for (const path of paths) {
    try {
      read(path)
    } catch {
      // That it cannot be read is noted.
    }
  }
  return taken().files
}

/** Reads what the snapshot holds. A file that it does not hold is not there. */
export function readFromSnapshot({ files }: FileSnapshot): ReadFile {
  return path => {
    const file = files[path] ?? { code: 'ENOENT' }
    if ('octets' in file) return Buffer.from(file.octets, 'base64')
    throw Object.assign(new Error('The file could not be read.'), { code: file.code })
  }
}
