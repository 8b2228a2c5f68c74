/* global uPlot */
import { byId, clockTime, element, setText, table } from './elements.js'

const height = 190
const plots = []

/** A colour of the style sheet, which knows whether it is dark. */
function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}

/**
 * Makes a plot over time in a figure of the page. Lines differ in colour and in dash; their values at the cursor, or the
 * latest, stand in the legend.
 *
 * @param lines `{ label, colour, dash?, fill? }` each
 * @param format a value as text
 */
export function createPlot(id, { lines, format, headings, rows, words }) {
  const place = byId(`plot-${id}`)
  const values = lines.map(() => element('span', { class: 'value' }))
  place.after(legend(lines, values))
  let data = [[], ...lines.map(() => [])]
  let chart

  function showValues(index = data[0].length - 1) {
    for (const [line, place] of values.entries()) place.textContent = format(data[line + 1][index] ?? null)
  }

  function draw() {
    chart?.destroy()
    const axis = { stroke: colour('muted'), grid: { stroke: colour('line'), width: 1 }, ticks: { show: false } }
    const time = {
      ...axis,
      size: 28,
      grid: { show: false },
      values: (_, splits) => splits.map(at => clockTime(at * 1000).slice(0, 5)),
    }
    const options = {
      width: place.clientWidth,
      height,
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, y: false },
      scales: { y: { range: (_, _min, max) => [0, Math.max(1, max * 1.15)] } },
      axes: [time, { ...axis, size: 44 }],
      series: [{}, ...lines.map(lineOptions)],
      hooks: { setCursor: [({ cursor }) => showValues(cursor.idx ?? undefined)] },
      tzDate: at => uPlot.tzDate(new Date(at * 1000), 'Etc/UTC'),
    }
    chart = new uPlot(options, data, place)
  }

  const own = {
    update(next) {
      data = next.columns
      if (!chart) draw()
      else chart.setData(data)
      if (chart.cursor.idx === null || chart.cursor.idx === undefined) showValues()
      setText(`plot-${id}-words`, words(next))
      const numbers = byId(`plot-${id}-table`)
      if (numbers.parentElement.open || numbers.childElementCount === 0)
        numbers.replaceChildren(table(`${byId(`plot-${id}-title`).textContent}, by the minute`, headings, rows(next)))
    },
    redraw: () => chart && draw(),
    resize: () => chart?.setSize({ width: place.clientWidth, height }),
  }
  plots.push(own)
  return own
}

function lineOptions({ colour: name, dash, fill }) {
  return {
    stroke: colour(name),
    width: 1.75,
    ...(dash && { dash }),
    ...(fill && { fill: colour(`${name}-faint`) }),
    points: { show: true, size: 4, filter: aloneOnly },
  }
}

/** Where traffic is sparse a value has no neighbours that a line could lead to: it is a point. */
function aloneOnly({ data }, series) {
  const own = data[series]
  const isKnown = index => own[index] !== null && own[index] !== undefined
  return [...own.keys()].filter(index => isKnown(index) && !isKnown(index - 1) && !isKnown(index + 1))
}

function legend(lines, values) {
  const items = lines.map(({ label, colour: name, dash }, index) =>
    element('li', { class: `${name}${dash ? ' dashed' : ''}` }, `${label} `, values[index]),
  )
  return element('ul', { class: 'legend' }, ...items)
}

/** Keeps all plots as wide as their places, and in the colours of the moment. */
export function watchPlots() {
  const observer = new ResizeObserver(() => {
    for (const plot of plots) plot.resize()
  })
  for (const place of document.querySelectorAll('.plot')) observer.observe(place)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    for (const plot of plots) plot.redraw()
  })
}

/** The columns of a series by whole minutes. @param merge makes one value of those of a minute */
export function byMinute({ time }, columns, merge) {
  const minutes = new Map()
  for (const [index, at] of time.entries()) {
    const minute = Math.floor(at / 60)
    minutes.set(minute, [...(minutes.get(minute) ?? []), index])
  }
  return [...minutes]
    .reverse()
    .map(([minute, own]) => [
      clockTime(minute * 60_000).slice(0, 5),
      ...columns.map(column => merge(own.map(index => column[index]))),
    ])
}
