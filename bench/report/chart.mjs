// CPU per request, drawn: one group of bars per kind of request, one bar per proxy.
import { cpuPerRequest, median } from './statistics.mjs'

const groups = [
  ['get', 'GET, 300 octets'],
  ['post', 'POST, 300 octets'],
  ['upload', 'POST, 64 KiB'],
  ['tls', 'GET, TLS upstream'],
  ['unseen', 'GET, 10 % unseen tokens'],
]
const colours = { gateway: '#1b7837', fastify: '#2166ac', express: '#92c5de', httpProxy: '#b2182b', haproxy: '#888888' }
const [width, left, right, barHeight, gap] = [760, 170, 60, 16, 18]

/** @param comparisons rows by name of the comparison; those that were not measured are left out */
export function chart(comparisons) {
  const bars = groups.filter(([name]) => comparisons[name]).flatMap(([name, title]) => group(title, comparisons[name]))
  const most = Math.max(...bars.map(({ cpu }) => cpu))
  const scale = (width - left - right) / most
  let y = 50
  const drawn = bars.map(bar => {
    y += bar.title === undefined ? barHeight + 2 : barHeight + gap
    return draw(bar, y, scale)
  })
  const height = y + barHeight + 40
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13" fill="#333333">`,
    '<title>CPU per request by proxy</title>',
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="10" y="24">CPU per request in microseconds (user and system), less is better</text>`,
    ...legend(bars),
    ...drawn,
    '</svg>',
  ].join('\n')}\n`
}

function group(title, rows) {
  const own = rows.filter(({ name }) => colours[name] !== undefined)
  return own.map((row, index) => ({
    name: row.name,
    proxy: row.title,
    title: index === 0 ? title : undefined,
    cpu: median(cpuPerRequest(row)),
  }))
}

function draw({ name, title, cpu }, y, scale) {
  const length = Math.max(1, Math.round(cpu * scale))
  const label = title === undefined ? '' : `<text x="${left - 10}" y="${y + 13}" text-anchor="end">${title}</text>`
  const bar = `<rect x="${left}" y="${y}" width="${length}" height="${barHeight}" fill="${colours[name]}"/>`
  return `${label}${bar}<text x="${left + length + 6}" y="${y + 13}">${cpu.toFixed(cpu < 100 ? 1 : 0)}</text>`
}

function legend(bars) {
  const names = [...new Map(bars.map(({ name, proxy }) => [name, proxy]))]
  return names.map(([name, proxy], index) => {
    const [x, y] = [10 + (index % 3) * 250, 36 + Math.floor(index / 3) * 16]
    return `<rect x="${x}" y="${y}" width="10" height="10" fill="${colours[name]}"/><text x="${x + 15}" y="${y + 10}" font-size="12">${proxy}</text>`
  })
}
