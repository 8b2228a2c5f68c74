// Removes build output, so that a deleted source leaves nothing behind that still runs.
import { rmSync } from 'node:fs'

for (const folder of process.argv.slice(2)) rmSync(folder, { recursive: true, force: true })
