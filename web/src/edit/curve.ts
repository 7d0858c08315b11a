/** Pixels of the chart; it is drawn in this box and scaled with it. */
export const CURVE = { width: 260, height: 120, left: 36, right: 12, top: 8, bottom: 22 } as const;

interface Plan {
  moved: number;
  deviation: number;
}

export interface Curve {
  /** The line through all plans, as SVG's points. */
  line: string;
  at: (plan: Plan) => readonly [x: number, y: number];
  /** What the ends of the axes stand for. */
  mostMoved: number;
  mostDeviation: number;
}

/** How much has to move for how even: plans from today's to the most even. */
export function curveOf(plans: readonly Plan[]): Curve {
  const mostMoved = Math.max(1, ...plans.map(({ moved }) => moved));
  const mostDeviation = Math.max(0.01, ...plans.map(({ deviation }) => deviation));
  const [width, height] = [
    CURVE.width - CURVE.left - CURVE.right,
    CURVE.height - CURVE.top - CURVE.bottom,
  ];
  const at = ({ moved, deviation }: Plan): readonly [number, number] => [
    CURVE.left + (moved / mostMoved) * width,
    CURVE.top + (1 - deviation / mostDeviation) * height,
  ];
  // Between two plans there is none: the step says so.
  const line = plans
    .flatMap((plan, i) => {
      const [x, y] = at(plan);
      const last = plans[i - 1];
      return last ? [[x, at(last)[1]], [x, y]] : [[x, y]];
    })
    .map((place) => place.map((pixels) => (pixels as number).toFixed(1)).join())
    .join(' ');
  return { line, at, mostMoved, mostDeviation };
}
