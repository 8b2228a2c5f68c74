// The comparisons. Each is measured by itself, all its entrants side by side.

import { direct, entrant, everybody, floor } from './entrants.mjs'
import { partEntrants } from './parts.mjs'

const checks = proxy => proxy.checksTokens
const without = { title: 'forage-gateway, none of these', name: 'gateway without' }

/** @param places see `processorPlaces` */
export function scenarios({ places }) {
  return [
    {
      name: 'get',
      title: 'GET, answer of 300 octets, 64 connections',
      entrants: [...everybody({ work: 'get' }), floor({ work: 'get' }), direct({ work: 'get' })],
    },
    {
      name: 'budget',
      title: 'where the time goes: parts of forage-gateway, switched on one after the other',
      entrants: partEntrants,
      isOneByOne: true,
    },
    { name: 'post', title: 'POST of 300 octets, 64 connections', entrants: everybody({ work: 'post' }) },
    { name: 'upload', title: 'POST of 64 KiB, 32 connections', entrants: everybody({ work: 'upload' }) },
    { name: 'download', title: 'GET, answer of 10 MiB, 8 connections', entrants: everybody({ work: 'download' }) },
    {
      name: 'unseen',
      title: 'GET, every tenth with a token never seen before',
      entrants: [...everybody({ work: 'get', freshEvery: 10 }, checks), entrant('gateway', { work: 'get' }, without)],
    },
    {
      name: 'refused',
      title: 'GET, every fifth with a wrong token never seen before: 401',
      entrants: [...everybody(wrong(5), checks), entrant('gateway', { work: 'get' }, without)],
    },
    {
      name: 'flood',
      title: 'GET, each with a wrong token never seen before: 401',
      entrants: [...everybody(wrong(1), checks), entrant('gateway', { work: 'get' }, without)],
    },
    {
      name: 'tls',
      title: 'GET, upstream with TLS',
      entrants: everybody({ work: 'get' }, undefined, name => ({ key: `tls ${name}`, place: { isTls: true } })),
    },
    {
      name: 'workers',
      title: 'GET, one worker and two, on the same two processors',
      entrants: [1, 2].map(workers => workerEntrant(workers, places.pair)),
    },
  ]
}

function wrong(badEvery) {
  return { work: 'get', badEvery, refusalStatus: 401 }
}

function workerEntrant(workers, processors) {
  const title = `forage-gateway, ${workers} ${workers === 1 ? 'worker' : 'workers'}`
  const place = { processors, given: { workers } }
  return entrant('gateway', { work: 'get' }, { key: title, name: `workers ${workers}`, title, place })
}
