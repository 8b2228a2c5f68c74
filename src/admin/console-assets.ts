import { readFileSync } from 'node:fs'
import { packageFile } from '../config/package-files.ts'
import type { AdminRoute } from './admin-call.ts'

const styleSheet = 'text/css; charset=utf-8'
const script = 'text/javascript; charset=utf-8'

/** The files of the folder `console` that the page loads; nothing else of it is served. */
export const consoleAssets: Readonly<Record<string, string>> = {
  'console.css': styleSheet,
  'uplot.css': styleSheet,
  'uplot.js': script,
  'console.js': script,
  'admin-token.js': script,
  'configuration.js': script,
  'elements.js': script,
  'explain.js': script,
  'inspect.js': script,
  'now.js': script,
  'plots.js': script,
  'revoke.js': script,
  'sessions.js': script,
  'tail.js': script,
  'views.js': script,
}

/** `GET /console/…`: style sheets and scripts, each read when it is first asked for. */
export function assetRoutes(): readonly AdminRoute[] {
  return Object.entries(consoleAssets).map(([name, contentType]) => {
    let text: string | undefined
    return {
      method: 'GET',
      path: `/console/${name}`,
      isProtected: false,
      answer() {
        text ??= readFileSync(packageFile('console', name), 'utf8')
        return { status: 200, text: { contentType, text } }
      },
    }
  })
}
