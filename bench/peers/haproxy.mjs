// HAProxy, with jwt_verify and the routes of the policy as ACLs: it verifies each time, and has no log and no metrics.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { openFilesLimit } from '../programs/open-files.mjs'

/** The version that is installed; undefined: none that knows jwt_verify (2.5 and later). */
export function haproxyVersion() {
  try {
    const text = execFileSync('haproxy', ['-v'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    const [, version, major, minor] = /version ((\d+)\.(\d+)[^ ]*)/.exec(text) ?? []
    return Number(major) * 100 + Number(minor) >= 205 ? version : undefined
  } catch {
    return undefined
  }
}

/**
 * @param policyFile whose routes become ACLs, those of all scopes together
 * @param caFile authority of the upstream; null: no TLS
 * @param secret of base64url only
 */
export function haproxyConfig({ port, upstreamPort, secret, caFile, connections, policyFile }) {
  const routes = routesOf(policyFile)
  const tls = caFile === null ? '' : ` ssl verify required ca-file ${caFile} sni str(localhost) verifyhost localhost`
  return [
    'global',
    '  nbthread 1',
    `  maxconn ${mostConnections()}`,
    ...defaults,
    'frontend clients',
    `  bind 127.0.0.1:${port}`,
    ...routes.map(({ name, method, paths }) => `  acl ${name} method ${method}\n  acl ${name}_path path_reg ${paths}`),
    `  http-request deny deny_status 403 unless ${routes.map(({ name }) => `${name} ${name}_path`).join(' or ')}`,
    '  http-request deny deny_status 401 unless { http_auth_bearer -m beg sandbox_ }',
    '  http-request set-var(txn.token) http_auth_bearer,bytes(8)',
    "  http-request deny deny_status 401 unless { var(txn.token),jwt_header_query('$.alg') -m str HS256 }",
    `  http-request deny deny_status 401 unless { var(txn.token),jwt_verify(HS256,"${secret}") -m int 1 }`,
    '  http-request set-var(txn.now) date()',
    "  http-request set-var(txn.left) var(txn.token),jwt_payload_query('$.exp','int'),sub(txn.now)",
    '  http-request deny deny_status 401 if { var(txn.left) -m int le 0 }',
    '  default_backend forage',
    'backend forage',
    `  server one 127.0.0.1:${upstreamPort} maxconn ${connections}${tls}`,
    '',
  ].join('\n')
}

/** It reserves two files for each connection, and does not start where it cannot. */
export function mostConnections() {
  return Math.min(10_000, Math.floor(openFilesLimit() / 2) - 200)
}

const defaults = [
  'defaults',
  '  mode http',
  '  timeout connect 3s',
  '  timeout client 65s',
  '  timeout server 30s',
  '  http-reuse always',
]

/** One ACL per method, each with all its paths. */
function routesOf(policyFile) {
  const routes = [...readFileSync(policyFile, 'utf8').matchAll(/^ {4}- (\w+) (\/\S+)$/gm)]
  return [...new Set(routes.map(([, method]) => method))].map(method => {
    const patterns = routes.filter(([, of]) => of === method).map(([, , template]) => pattern(template))
    return { name: `is_${method.toLowerCase()}`, method, paths: `^(?:${patterns.join('|')})$` }
  })
}

/** `{name}` is one segment; the final slash may be left out. */
function pattern(template) {
  return `${template.replace(/\/$/, '').replaceAll(/\{\w+\}/g, '[A-Za-z0-9_-]{1,64}')}/?`
}
