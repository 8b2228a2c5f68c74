// From the start of the process to the first answer that came from the upstream.
import { setTimeout as later } from 'node:timers/promises'
import { ClientConnection } from '../load/client-connection.mjs'
import { createTokens, kinds, requestOf } from '../load/work.mjs'
import { freePort } from '../programs/child.mjs'
import { everybody } from './entrants.mjs'

/** @returns a row per proxy: milliseconds of each round */
export async function coldStarts(stage, rounds, tell) {
  const rows = everybody({ work: 'get' }, undefined, name => ({ key: `start ${name}` })).map(entrant => ({
    ...entrant,
    ms: [],
  }))
  await stage.upstream(false)
  for (let round = 1; round <= rounds; round++) {
    for (const row of rows) {
      tell(`cold start ${round} of ${rounds}: ${row.title}`)
      row.ms.push(await startOnce(stage, row))
    }
  }
  return rows
}

async function startOnce(stage, { key, start }) {
  const port = await freePort()
  const octets = requestOf(kinds.get, 0, createTokens(stage.secret).fresh())
  const startedAt = performance.now()
  const starting = stage.proxy(key, start, { port })
  // A start that fails tells more than a connection that is refused.
  await Promise.race([firstAnswer(port, octets), starting.then(() => new Promise(() => {}))])
  const ms = performance.now() - startedAt
  await starting
  await stage.stopProxies(one => one === key)
  return ms
}

async function firstAnswer(port, octets) {
  for (;;) {
    try {
      return await answerOf(port, octets)
    } catch {
      await later(2)
    }
  }
}

function answerOf(port, octets) {
  return new Promise((resolve, reject) => {
    const onAnswer = answered => {
      answered.close()
      resolve()
    }
    const connection = new ClientConnection(port, onAnswer, reject)
    connection.open().then(() => connection.send({ octets, status: 200, body: kinds.get.answer }), reject)
  })
}
