// Starts the programs of a benchmark beside this one. Each is ended with it, by its process id, whatever ends it.
import { spawn } from 'node:child_process'
import { connect, createServer } from 'node:net'
import process from 'node:process'
import { setTimeout as later } from 'node:timers/promises'

const running = new Set()
const patienceMs = 20_000
const listening = /listening on (?:http:\/\/127\.0\.0\.1:)?(\d+)/

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130))

/**
 * @param command and its arguments; a file of JavaScript begins with `process.execPath`
 * @param processors such as `0` or `0,1`: where it may run; null: anywhere
 * @param hasChannel whether it is talked to by messages (Node.js only)
 * @param port where it will listen, for a program that does not tell
 * @returns the process, where it listens, and how it is ended
 */
export async function startProgram({ command, args, processors = null, hasChannel = false, port, env = {}, cwd }) {
  const [program, ...rest] = processors === null ? [command, ...args] : ['taskset', '-c', processors, command, ...args]
  const child = spawn(program, rest, {
    cwd,
    // Some of the others are slower without it.
    env: { ...process.env, NODE_ENV: 'production', NODE_NO_WARNINGS: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...(hasChannel ? ['ipc'] : [])],
  })
  running.add(child)
  const ended = new Promise(resolve => child.once('close', resolve)).finally(() => running.delete(child))
  const told = lastWords(child)
  const failed = Promise.race([ended, new Promise(resolve => child.once('error', resolve))]).then(() => {
    throw new Error(`${command} ${args[0]} ended: ${told()}`)
  })
  failed.catch(() => {})
  child.stdout.resume()
  const where = port === undefined ? toldPort(child) : answering(port)
  const found = await Promise.race([where, failed, tooLong(`${command} ${args[0]} does not listen`)])
  return { pid: child.pid, port: found, child, stop: () => stop(child, ended) }
}

/** A port that nobody listens on now. */
export async function freePort() {
  const server = createServer()
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise(resolve => server.close(resolve))
  return port
}

function toldPort(child) {
  let text = ''
  return new Promise(resolve => {
    child.stdout.on('data', chunk => {
      text = `${text}${chunk}`.slice(-4096)
      const port = listening.exec(text)?.[1]
      if (port !== undefined) resolve(Number(port))
    })
  })
}

async function answering(port) {
  while (!(await accepts(port))) await later(5)
  return port
}

function accepts(port) {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

function lastWords(child) {
  let text = ''
  child.stderr.on('data', chunk => {
    text = `${text}${chunk}`.slice(-2048)
  })
  return () => text.trim()
}

async function tooLong(message) {
  await later(patienceMs, undefined, { ref: false })
  throw new Error(message)
}

async function stop(child, ended) {
  child.kill('SIGTERM')
  const isOver = await Promise.race([ended.then(() => true), later(1000, false, { ref: false })])
  if (!isOver) child.kill('SIGKILL')
  await ended
}
