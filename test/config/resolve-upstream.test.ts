import t from 'tap'
import { finePolicy, fineSession, load, problemsIn } from './a-config.ts'

function config(environment: string, api: string): string {
  return `environment: ${environment}\n${fineSession}\n${finePolicy}\nupstream: { api: ${JSON.stringify(api)} }`
}

const origins: [string, string][] = [
  ['dev', 'https://api.dev.joinforage.app'],
  ['staging', 'https://api.staging.joinforage.app'],
  ['cert', 'https://api.cert.joinforage.app'],
  ['prod', 'https://api.joinforage.app'],
]

for (const [environment, origin] of origins) {
  t.test(`${environment} goes to ${origin} unless told otherwise`, async t => {
    t.equal(load(t, `environment: ${environment}\n${fineSession}\n${finePolicy}`).upstream.api, origin)
  })
}

const accepted: [string, string, string][] = [
  ['prod', 'http://127.0.0.1:4010', 'http://127.0.0.1:4010'],
  ['prod', 'http://127.255.255.254', 'http://127.255.255.254'],
  ['prod', 'http://[::1]:80/', 'http://[::1]'],
  ['prod', 'http://localhost:1', 'http://localhost:1'],
  ['prod', 'https://API.example', 'https://api.example'],
  ['mock', 'http://forage.internal:8000', 'http://forage.internal:8000'],
  ['local', 'http://10.0.0.1', 'http://10.0.0.1'],
]

for (const [environment, api, origin] of accepted) {
  t.test(`${environment} accepts ${api}`, async t => {
    t.equal(load(t, config(environment, api)).upstream.api, origin)
  })
}

const refused: [string, string][] = [
  ['prod', 'http://api.example'],
  ['prod', 'http://128.0.0.1'],
  ['prod', 'http://126.255.255.255'],
  ['prod', 'http://[::2]'],
  ['prod', 'http://localhost.example'],
  ['sandbox', 'http://127.0.0.1.example'],
  ['prod', 'https://api.example/api'],
  ['prod', 'https://api.example?x=1'],
  ['prod', 'https://api.example#x'],
  ['prod', 'https://user@api.example'],
  ['prod', 'https://api.example:65536'],
  ['prod', 'ftp://api.example'],
  ['prod', 'api.example'],
  ['mock', ''],
]

for (const [environment, api] of refused) {
  t.test(`${environment} refuses "${api}"`, async t => {
    t.match(problemsIn(t, config(environment, api)), [{ path: 'upstream.api' }])
  })
}
