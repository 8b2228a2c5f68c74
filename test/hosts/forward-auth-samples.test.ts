import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { parseAllDocuments } from 'yaml'
import { removedRequestFields } from '../../src/gate/removed-fields.ts'
import { contracts } from '../../src/hosts/forward-auth-front.ts'

const nginx = readFileSync('deploy/nginx/nginx.conf', 'utf8')
const caddy = readFileSync('deploy/caddy/Caddyfile', 'utf8')
const traefik = readFileSync('deploy/traefik/dynamic.yaml', 'utf8')
const envoy = readFileSync('deploy/envoy/envoy.yaml', 'utf8')

/** The part of a text between two others. */
function between(text: string, from: string, to: string): string {
  const start = text.indexOf(from)
  const end = text.indexOf(to, start)
  if (start < 0 || end < 0) throw new Error(`${from} … ${to} is not there`)
  return text.slice(start, end)
}

function names(text: string, line: RegExp): ReadonlySet<string> {
  return new Set([...text.matchAll(line)].map(([, name = '']) => name.toLowerCase()))
}

/** What is neither set nor removed by a list, of all that must not pass. */
function missing(listed: ReadonlySet<string>, elsewhere: readonly string[]): readonly string[] {
  const families = [...listed].filter(name => name.endsWith('*')).map(name => name.slice(0, -1))
  return [...removedRequestFields].filter(
    name => !listed.has(name) && !elsewhere.includes(name) && !families.some(family => name.startsWith(family)),
  )
}

t.test('nginx sets or removes every field that must not pass as the client sent it', async t => {
  const listed = names(between(nginx, 'location / {', '\n        }'), /^ *proxy_set_header (\S+) /gm)
  // nginx frames each message by itself.
  t.same(missing(listed, ['transfer-encoding']), [])
  t.ok(listed.has('tracestate'))
})

t.test('nginx sends each field of its contract, and sets it whatever the client sent', async t => {
  const question = between(nginx, 'location = /_forage/decide {', '\n        }')
  const listed = names(question, /^ *proxy_set_header (\S+) \$\w+;$/gm)
  const { method, target, host, scheme, address, restored } = contracts.nginx
  const contract = [method, target, host, scheme, address, ...restored.keys()] as readonly string[]
  t.same(
    contract.filter(name => !listed.has(name)),
    [],
  )
})

t.test('Caddy removes every field that must not pass and that it does not handle itself', async t => {
  const listed = names(between(caddy, 'reverse_proxy https', 'transport http'), /^\s*header_up -(\S+)$/gm)
  // RFC 9110 §7.6.1, by itself; and it sets these three.
  const byItself = ['connection', 'transfer-encoding', 'upgrade', 'host']
  const set = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-request-id', 'traceparent']
  t.same(missing(listed, [...byItself, ...set]), [])
})

t.test('Traefik sets what the gateway answers, and removes every other field that must not pass', async t => {
  const { http } = parseAllDocuments(traefik)[0]?.toJS() ?? {}
  const { forwardAuth } = http.middlewares['forage-decide']
  const { customRequestHeaders } = http.middlewares['forage-fields'].headers
  const removed = Object.keys(customRequestHeaders).filter(name => customRequestHeaders[name] === '')
  const set = [...forwardAuth.authResponseHeaders, ...removed].map(name => name.toLowerCase())
  const byItself = ['connection', 'transfer-encoding', 'upgrade', 'host', 'te', 'trailer', 'keep-alive']
  const ofItsOwn = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-port']
  const more = ['x-forwarded-server', 'x-real-ip', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization']
  t.same(missing(new Set(set), [...byItself, ...ofItsOwn, ...more]), [])
  t.equal(forwardAuth.trustForwardHeader, false)
})

t.test('Envoy asks about everything, fails closed, and changes no target', async t => {
  const [document] = parseAllDocuments(envoy)
  t.same(document?.errors, [])
  const { static_resources } = document?.toJS() ?? {}
  const { typed_config } = static_resources.listeners[0].filter_chains[0].filters[0]
  const [authorizer] = typed_config.http_filters
  t.equal(authorizer.typed_config.failure_mode_allow, false)
  t.same(typed_config.normalize_path, false)
  t.same(typed_config.merge_slashes, false)
  t.equal(typed_config.path_with_escaped_slashes_action, 'REJECT_REQUEST')
  t.same(authorizer.typed_config.allowed_headers.patterns, [{ safe_regex: { regex: '.*' } }])
})

t.test('no sample has a tab where YAML has none, and none is empty', async t => {
  for (const folder of ['nginx', 'caddy', 'traefik', 'envoy', 'haproxy'])
    for (const file of readdirSync(`deploy/${folder}`))
      t.ok(readFileSync(`deploy/${folder}/${file}`).length > 500, file)
  for (const text of [traefik, envoy]) t.notMatch(text, /\t/)
})
