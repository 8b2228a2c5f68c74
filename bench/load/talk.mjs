// Speaks with the load and the upstream.

/** @returns what it answers. Rejects with what went wrong */
export function ask({ child }, message = {}) {
  return new Promise((resolve, reject) => {
    const onEnd = code => reject(new Error(`a process of the benchmark ended: ${code}`))
    child.once('exit', onEnd)
    child.once('message', ({ result, fault }) => {
      child.off('exit', onEnd)
      if (fault === undefined) resolve(result)
      else reject(new Error(fault))
    })
    child.send(message)
  })
}
