/*
 * Attack: undici reads the reason phrase of an answer as UTF-8, Node writes Latin-1 and throws for anything else. An
 * upstream (or an edge in front of it) that said `200 Olé` in either encoding made the gateway throw twice, once for the
 * answer and once for the refusal in its place: the client was never answered, and nothing was logged.
 */
import t from 'tap'
import { startForwarding } from '../fixtures/forwarding-gateway.ts'
import { aRequest } from '../fixtures/live-token.ts'
import { exchangeRaw } from '../fixtures/raw-connection.ts'
import { answering, startScriptedUpstream } from '../fixtures/scripted-upstream.ts'

for (const [name, sent, received] of [
  ['Latin-1', 'Ol\xe9', 'OK'],
  ['UTF-8', 'Ol\xc3\xa9 \xe2\x9c\x93', 'Ol\xc3\xa9 \xe2\x9c\x93'],
  ['control characters', 'a\x01b', 'OK'],
  ['nothing', '', ''],
] as const) {
  t.test(`an answer whose reason phrase holds ${name} is passed on`, async t => {
    const upstream = await startScriptedUpstream(t, answering(`HTTP/1.1 200 ${sent}\r\nContent-Length: 2\r\n\r\nok`))
    const gateway = await startForwarding(t, upstream.url)
    const answer = await exchangeRaw(t, gateway.url, aRequest({}))
    t.same([answer.status, answer.reason, answer.body], [200, received, 'ok'])
  })
}
