// What a run needs besides proxies: the load, the upstreams, a folder, and proxies that are started when they are wanted.
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { ask } from '../load/talk.mjs'
import { makeCertificate } from './certificate.mjs'
import { startProgram } from './child.mjs'
import { processorPlaces } from './processors.mjs'
import { makeSecret } from './session-token.mjs'

const fileOf = name => fileURLToPath(new URL(`../load/${name}`, import.meta.url))

export class Stage {
  folder = mkdtempSync(join(tmpdir(), 'forage-gateway-bench-'))
  secret = makeSecret()
  places = processorPlaces()
  #instances = new Map()
  #upstreams = new Map()
  #load
  #count = 0

  constructor() {
    process.on('exit', () => rmSync(this.folder, { recursive: true, force: true }))
  }

  /** Tells the load what to do. @returns what came of it */
  async tellLoad(order) {
    this.#load ??= await startNode(fileOf('generator.mjs'), [], this.places.load)
    return ask(this.#load, { secret: this.secret, ...order })
  }

  /** @returns where it is, and what counts the requests that came to it */
  async upstream(isTls) {
    const known = this.#upstreams.get(isTls)
    if (known) return known
    const certFile = isTls ? this.#writeCertificate() : null
    const started = await startNode(
      fileOf('upstream.mjs'),
      isTls ? [join(this.folder, 'upstream.pem')] : [],
      this.places.upstream,
    )
    const upstream = { port: started.port, certFile, counts: () => ask(started) }
    this.#upstreams.set(isTls, upstream)
    return upstream
  }

  /**
   * Starts a proxy, unless it runs already.
   *
   * @param key two entrants with one key share a process
   */
  async proxy(key, start, { isTls = false, processors = this.places.proxy, port, given } = {}) {
    const known = this.#instances.get(key)
    if (known) return known
    const name = `proxy-${this.#count++}`
    const upstream = await this.upstream(isTls)
    const place = { folder: this.folder, name, secret: this.secret, upstream, processors, port, given }
    const instance = { ...(await start(place)), upstream, log: join(this.folder, `${name}.log`) }
    this.#instances.set(key, instance)
    return instance
  }

  /** Ends the proxies whose keys are so. */
  async stopProxies(isSo = () => true) {
    for (const [key, instance] of [...this.#instances].filter(([key]) => isSo(key))) {
      this.#instances.delete(key)
      await instance.stop()
    }
  }

  #writeCertificate() {
    const { cert, key } = makeCertificate()
    const certFile = join(this.folder, 'upstream.crt')
    writeFileSync(certFile, cert)
    writeFileSync(join(this.folder, 'upstream.pem'), `${cert}${key}`, { mode: 0o600 })
    return certFile
  }
}

/** How much a proxy has logged since it was asked last, in octets. A run writes gigabytes: they are not kept. */
export function takeLog({ log }) {
  try {
    const { size } = statSync(log)
    truncateSync(log)
    return size
  } catch {
    return 0
  }
}

function startNode(file, args, processors) {
  return startProgram({ command: process.execPath, args: [file, ...args], processors, hasChannel: true })
}
