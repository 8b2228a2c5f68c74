import { readFileSync } from 'node:fs'
import { fileFault } from './file-fault.ts'

/** Reads a UTF-8 file, or says in words why it cannot be read. */
export function readTextFile(file: string): { readonly text: string } | { readonly fault: string } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file)) }
  } catch (cause) {
    return { fault: fileFault(cause) }
  }
}
