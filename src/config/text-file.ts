import { resolve } from 'node:path'
import { fileFault } from './file-fault.ts'
import { type ReadFile, readFromDisk } from './file-snapshot.ts'

/**
 * Reads a UTF-8 file, or says in words why it cannot be read.
 *
 * @param read default: from the disk
 */
export function readTextFile(
  file: string,
  read: ReadFile = readFromDisk,
): { readonly text: string } | { readonly fault: string } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(read(resolve(file))) }
  } catch (cause) {
    return { fault: fileFault(cause) }
  }
}
