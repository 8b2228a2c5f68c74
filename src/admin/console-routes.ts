import type { Config } from '../config/config.ts'
import { packageVersion } from '../config/package-files.ts'
import { readTokenFacts } from '../explaining/token-facts.ts'
import { maxTokenLength } from '../session/parse-token.ts'
import { whatModesProve } from '../session/verify-mode.ts'
import { type AdminRoute, invalidInput } from './admin-call.ts'
import { assetRoutes } from './console-assets.ts'
import { type ConsoleSources, readConsoleData } from './console-data.ts'
import { consolePage } from './console-page.ts'
import { createSessionCounts, type SessionSources } from './console-sessions.ts'
import { readInput, readText } from './read-input.ts'

export type ConsoleParts = ConsoleSources & SessionSources

/**
 * The page may load what is served here and nothing else, send nothing by itself, be framed by nobody, and make no HTML of
 * text.
 */
export const consolePolicy: string = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const pageFields = {
  'Content-Security-Policy': consolePolicy,
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
}

/**
 * `GET /`: the console. It is read without a token, like `/status` and `/metrics`, and holds no more than they do, but for
 * the last decisions: those name no client. `GET /console/data`, `/console/decisions` and `/console/sessions` keep it up to
 * date. `POST /console/token` reads a token that somebody pasted.
 */
export function consoleRoutes(parts: ConsoleParts): readonly AdminRoute[] {
  const { activity } = parts
  const countSessions = createSessionCounts(parts)
  const reading = { method: 'GET', isProtected: false } as const
  return [
    {
      ...reading,
      path: '/',
      async answer() {
        const text = await renderPage(parts, countSessions)
        return { status: 200, text: { contentType: 'text/html; charset=utf-8', text }, fields: pageFields }
      },
    },
    ...assetRoutes(),
    { ...reading, path: '/console/data', answer: async () => ({ status: 200, body: await readConsoleData(parts) }) },
    {
      ...reading,
      path: '/console/decisions',
      answer: ({ request: { url } }) => ({ status: 200, body: activity.decisionsAfter(numberIn(url)) }),
    },
    { ...reading, path: '/console/sessions', answer: () => ({ status: 200, body: countSessions() }) },
    {
      method: 'POST',
      path: '/console/token',
      isProtected: true,
      answer: ({ body }) => ({ status: 200, body: readTokenFacts(readToken(body)) }),
    },
  ]
}

async function renderPage(parts: ConsoleParts, countSessions: ReturnType<typeof createSessionCounts>): Promise<string> {
  const { environment, upstream, session, policy, workers, state, admin } = parts.config()
  return consolePage({
    facts: {
      version: packageVersion(),
      environment,
      upstream: upstream.api,
      verify: session.verify,
      proves: whatModesProve[session.verify],
      state: describeState(state),
      workers,
    },
    policy,
    data: await readConsoleData(parts),
    decisions: parts.activity.decisionsAfter(0).decisions,
    sessions: countSessions(),
    hasToken: admin?.token !== undefined,
  })
}

function describeState({ redis }: Config['state']): string {
  return redis ? 'shared by replicas, in Redis' : 'in this gateway: a restart forgets it'
}

/** The one parameter that there is; 0 where it is absent or no number. */
function numberIn(url = ''): number {
  return Number(/[?&]after=(\d{1,15})(?:&|$)/.exec(url)?.[1] ?? 0)
}

function readToken(body: unknown): string {
  const token = readText(readInput(body, 'The body', ['token']), 'token', maxTokenLength)
  if (token === undefined) throw invalidInput('The body has no "token".')
  return token.trim()
}
