import { svg } from './case_symbol.ts';

/** How many cases of a cluster are to dispatch, in hand, to verify, and the rest. */
export type StateSplit = readonly [number, number, number, number];

const RING_PX = 4.2;
const COLOURS = ['#C4390F', '#2F5785', '#D9981A', '#A3AEB9'];

/** The disc grows with the count in four steps, so that a glance ranks them. */
export function clusterDiameterPx(count: number): number {
  if (count < 8) return 30;
  if (count < 20) return 36;
  return count < 45 ? 42 : 50;
}

/** SVG of a cluster without its number: a white disc, its ring split by state. */
export function clusterSymbol(diameterPx: number, split: StateSplit, scale = 1): string {
  const box = diameterPx + 4;
  const centre = box / 2;
  const radius = diameterPx / 2 - RING_PX / 2;
  const disc = `<circle cx="${centre}" cy="${centre}" r="${diameterPx / 2 + 1}" fill="#fff"/>`;
  const ring = arcs(split, centre, radius);
  return svg(box * scale, box, disc + ring);
}

function arcs(split: StateSplit, centre: number, radius: number): string {
  const total = split.reduce((sum, part) => sum + part, 0);
  const only = split.findIndex((part) => part === total);
  if (only >= 0) return circle(centre, radius, COLOURS[only] as string);
  let start = 0;
  return split
    .map((part, index) => {
      const share = part / total;
      const drawn =
        part > 0 ? arc(start, start + share, centre, radius, COLOURS[index] as string) : '';
      start += share;
      return drawn;
    })
    .join('');
}

/** A part of the ring, clockwise from the top; the white gaps keep neighbours apart in grey print. */
function arc(from: number, to: number, centre: number, radius: number, colour: string): string {
  const gap = 0.012;
  const at = (share: number): string => {
    const angle = 2 * Math.PI * share - Math.PI / 2;
    return `${(centre + radius * Math.cos(angle)).toFixed(2)} ${(centre + radius * Math.sin(angle)).toFixed(2)}`;
  };
  const [start, end] = [from + gap, Math.max(to - gap, from + gap + 0.005)];
  const large = end - start > 0.5 ? 1 : 0;
  return (
    `<path d="M${at(start)}A${radius} ${radius} 0 ${large} 1 ${at(end)}" ` +
    `fill="none" stroke="${colour}" stroke-width="${RING_PX}"/>`
  );
}

const circle = (centre: number, radius: number, colour: string): string =>
  `<circle cx="${centre}" cy="${centre}" r="${radius}" fill="none" stroke="${colour}" stroke-width="${RING_PX}"/>`;
