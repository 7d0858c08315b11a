/** Pixels of the chart; it is drawn in this box and scaled with it. */
export const CHART = { width: 324, height: 110 } as const;
const HOURS = 24;
const GAP_PX = 3;

export interface Bar {
  hour: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Bars of the hours that have begun, and the usual band behind them as the points of a polygon. */
export interface HoursChart {
  bars: Bar[];
  band: string;
  now: number;
}

/**
 * @param byHour Reports of each hour.
 * @param usual The least and the most of each hour, or null.
 * @param now The hour of the city's clock, 0 to 23.
 */
export function hoursChart(
  byHour: readonly number[],
  usual: readonly (readonly [number, number])[] | null,
  now: number,
): HoursChart {
  const most = Math.max(1, ...byHour, ...(usual ?? []).map(([, high]) => high));
  const step = CHART.width / HOURS;
  const y = (n: number): number => round(CHART.height * (1 - n / most));
  const middle = (hour: number): number => round((hour + 0.5) * step);
  const bars = byHour.slice(0, now + 1).map((n, hour) => ({
    hour,
    x: round(hour * step + GAP_PX / 2),
    y: y(n),
    width: round(step - GAP_PX),
    height: round(CHART.height - y(n)),
  }));
  const highs = (usual ?? []).map(([, high], hour) => `${middle(hour)},${y(high)}`);
  const lows = (usual ?? []).map(([low], hour) => `${middle(hour)},${y(low)}`);
  return { bars, band: [...highs, ...lows.reverse()].join(' '), now };
}

const round = (value: number): number => Math.round(value * 10) / 10;
