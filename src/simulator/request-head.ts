import type { IncomingMessage } from 'node:http'

/** A request as a Django application behind a WSGI server sees it, before its body. */
export interface RequestHead {
  readonly method: string
  /** Percent-decoded once, before routing: `%2F` is a slash here. */
  readonly path: string
  /** The path as it was sent. */
  readonly rawPath: string
  /** With its `?`, or empty. */
  readonly rawQuery: string
  readonly query: URLSearchParams
  /** Field values by their CGI name, see {@link fieldValue}. */
  readonly fields: ReadonlyMap<string, string>
  /** Address of the peer: a client, or a proxy in front of it. */
  readonly address: string
}

/** Reads what came before the body. */
export function readRequestHead(request: IncomingMessage): RequestHead {
  const target = originForm(request.url ?? '/')
  const queryAt = target.indexOf('?')
  const rawPath = queryAt === -1 ? target : target.slice(0, queryAt)
  const rawQuery = queryAt === -1 ? '' : target.slice(queryAt)
  return {
    method: request.method ?? 'GET',
    path: percentDecode(rawPath),
    rawPath,
    rawQuery,
    query: new URLSearchParams(rawQuery),
    fields: readFields(request.rawHeaders),
    address: (request.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
  }
}

/** A field's value, or undefined. Names that differ in case, or in `_` for `-`, are one field under WSGI (PEP 3333). */
export function fieldValue(head: RequestHead, name: string): string | undefined {
  return head.fields.get(cgiName(name))
}

function readFields(rawHeaders: readonly string[]): Map<string, string> {
  const fields = new Map<string, string>()
  for (const [index, value] of rawHeaders.entries()) {
    // Names stand at the even places, each before its value.
    if (index % 2 === 0) continue
    const name = cgiName(String(rawHeaders[index - 1]))
    const earlier = fields.get(name)
    fields.set(name, earlier === undefined ? value : `${earlier},${value}`)
  }
  return fields
}

function cgiName(name: string): string {
  return name.toUpperCase().replaceAll('-', '_')
}

function originForm(target: string): string {
  const rest = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, '')
  return rest === target || rest.startsWith('/') ? rest : `/${rest}`
}

/** As Python's `unquote`: bad escapes stay as they are, and nothing is decoded twice. */
function percentDecode(text: string): string {
  if (!text.includes('%')) return text
  const bytes = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
