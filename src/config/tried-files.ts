import { isDeepStrictEqual } from 'node:util'
import { type FileSnapshot, filesNow } from './file-snapshot.ts'
import { watchFiles } from './watch-files.ts'

/** The files of a configuration, as they were when it was last tried. */
export interface TriedFiles {
  /** From now on these are watched. @param isWhole false: others that were there before may count as well */
  note(files: FileSnapshot['files'], isWhole: boolean): void
  watch(): void
  unwatch(): void
}

/** @param onChange called when a file holds something else than was tried; whoever tried it by hand is not told again */
export function createTriedFiles(first: FileSnapshot['files'], onChange: () => void): TriedFiles {
  let tried = first
  let stop: (() => void) | undefined

  function watch(): void {
    stop = watchFiles(Object.keys(tried), () => {
      if (!isDeepStrictEqual(filesNow(Object.keys(tried)), tried)) onChange()
    })
  }

  function unwatch(): void {
    stop?.()
    stop = undefined
  }

  return {
    note(files, isWhole) {
      const before = Object.keys(tried)
      tried = isWhole ? files : { ...tried, ...files }
      if (!stop || isDeepStrictEqual(before, Object.keys(tried))) return
      unwatch()
      watch()
    },
    watch,
    unwatch,
  }
}
