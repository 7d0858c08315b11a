import uPlot from 'uplot';

import { CELL_RAMP } from '../../symbols/cell_ramp.ts';

import type { SeriesTold } from './answers.ts';
import { countTicks, type Mark, markOf, namedSteps, stepName } from './steps.ts';

/** Colours and type of the chart, as the page has them. */
export interface Look {
  font: string;
  ink: string;
  faint: string;
  grid: string;
  band: string;
  bandEdge: string;
  paper: string;
}

export const LINE = CELL_RAMP[4];
export const HOT = CELL_RAMP[5];
export const COLD = '#1f4673';
export const PLOT_HEIGHT = 128;

/** Beside the names of the counts; a figure of the type is 7.3 wide. */
const GAP_PX = 6;
const FIGURE_PX = 7.3;
const RIGHT_PX = 24;
const NAME_ROOM_PX = 62;
const RADIUS_PX = 3.4;

/** Places of the series in the data; 0 holds the numbers of the steps, 3 the usual. */
const [HIGH, LOW, COUNTS] = [1, 2, 4] as const;

export const plotData = ({ counts, usual, low, high }: SeriesTold): uPlot.AlignedData =>
  [counts.map((_, i) => i), [...high], [...low], [...usual], [...counts]] as uPlot.AlignedData;

/**
 * How the chart is drawn.
 *
 * @param width Pixels of the page.
 * @param names How a step and a count are written on the axes.
 * @param onRead Told the step under the pointer, null when it has left.
 */
export function plotOptions(
  told: SeriesTold,
  width: number,
  look: Look,
  names: { step: (name: string) => string; count: (n: number) => string },
  onRead: (step: number | null) => void,
): uPlot.Options {
  const ticks = countTicks(Math.max(...told.counts, ...told.high, 1));
  const countNames = ticks.map(names.count);
  const longest = Math.max(2, ...countNames.map((name) => name.length));
  const left = Math.ceil(longest * FIGURE_PX + 2 * GAP_PX);
  const last = told.counts.length - 1;
  const axis = { font: look.font, stroke: look.ink, ticks: { show: false } };
  const hidden = { points: { show: false } };
  return {
    width,
    height: PLOT_HEIGHT,
    padding: [8, RIGHT_PX, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false, setScale: false } },
    scales: {
      x: { time: false, range: [-0.3, Math.max(last, 0) + 0.3] },
      y: { range: [0, ticks.at(-1) as number] },
    },
    axes: [
      {
        ...axis,
        size: 22,
        gap: GAP_PX,
        grid: { show: false },
        splits: ({ width: now }) =>
          namedSteps(told.counts.length, now - left - RIGHT_PX, NAME_ROOM_PX),
        values: (_, steps) =>
          steps.map((i) => names.step(stepName(told.starts[i] ?? '', told.step))),
      },
      {
        ...axis,
        size: left,
        gap: GAP_PX,
        grid: { stroke: look.grid, width: 1 },
        splits: () => ticks,
        values: () => countNames,
      },
    ],
    bands: [{ series: [HIGH, LOW], fill: look.band }],
    series: [
      {},
      { ...hidden, stroke: look.bandEdge, width: 1 },
      { ...hidden, stroke: look.bandEdge, width: 1 },
      { ...hidden, stroke: look.faint, width: 1.2, dash: [4, 3] },
      { ...hidden, stroke: LINE, width: 1.8 },
    ],
    hooks: {
      draw: [(plot) => drawMarks(plot, told, look.paper)],
      setCursor: [(plot) => onRead(plot.cursor.idx ?? null)],
    },
  };
}

/** A point of each step: a disc where it is significantly high, a triangle where low, else a ring. */
function drawMarks(plot: uPlot, { bins, level }: SeriesTold, paper: string): void {
  const { ctx } = plot;
  const ratio = uPlot.pxRatio;
  const counts = plot.data[COUNTS] ?? [];
  ctx.save();
  ctx.lineWidth = 1.5 * ratio;
  for (const [i, count] of counts.entries()) {
    if (count == null) continue;
    const x = plot.valToPos(i, 'x', true);
    const y = plot.valToPos(count, 'y', true);
    const mark = markOf(bins[i] ?? 0, level);
    ctx.beginPath();
    tracePoint(ctx, mark, x, y, RADIUS_PX * ratio);
    ctx.fillStyle = mark === 'hot' ? HOT : mark === 'cold' ? COLD : paper;
    ctx.strokeStyle = mark === 'hot' ? HOT : mark === 'cold' ? COLD : LINE;
    ctx.fill();
    ctx.stroke();
  }
  ctx.restore();
}

function tracePoint(
  ctx: CanvasRenderingContext2D,
  mark: Mark,
  x: number,
  y: number,
  radius: number,
): void {
  if (mark === 'cold') {
    const wide = 1.25 * radius;
    ctx.moveTo(x - wide, y - radius);
    ctx.lineTo(x + wide, y - radius);
    ctx.lineTo(x, y + 1.2 * radius);
    ctx.closePath();
    return;
  }
  ctx.arc(x, y, mark === 'hot' ? 1.15 * radius : 0.85 * radius, 0, 2 * Math.PI);
}
