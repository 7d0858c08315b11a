import { clusterDiameterPx } from '../symbols/cluster_symbol.ts';

import { AreaFinder, type AreaPiece } from './areas.ts';
import { gather, type Spot, total } from './gather.ts';
import { Plane } from './plane.ts';
import type { LabelPoint } from './visible_labels.ts';

/** A township on the map of a whole city: its name, and the ring of its cases if it has any. */
export interface TownshipRing extends LabelPoint {
  cases: Spot | null;
}

/** Rounds of pushing apart; the rings of a county's townships settle in fewer. */
const ROUNDS = 30;
/** Air between two rings, so that a name fits below one of them. */
const AIR_PX = 6;

/**
 * One ring per township at its label point, for a map of the whole city: it answers "where", and
 * it does not jump. Cases outside every township are gathered by distance.
 */
export function ringsByTownship(
  spots: readonly Spot[],
  pieces: readonly AreaPiece[],
  labels: readonly LabelPoint[],
  zoom: number,
): { rings: TownshipRing[]; others: Spot[] } {
  const finder = new AreaFinder(pieces);
  const labelled = new Set(labels.map(({ code }) => code));
  const byTownship = new Map<string, Spot[]>();
  const outside: Spot[] = [];
  for (const spot of spots) {
    // The middle of several cases may lie in another township than they do.
    const code = spot.township ?? finder.codeAt(spot.lng, spot.lat);
    if (code === null || !labelled.has(code)) outside.push(spot);
    else byTownship.set(code, [...(byTownship.get(code) ?? []), spot]);
  }
  const rings = labels.map((label) => ({
    ...label,
    cases: total(byTownship.get(label.code) ?? [], zoom),
  }));
  return { rings: pushedApart(rings, zoom), others: gather(outside, zoom) };
}

/** Move overlapping rings away from each other, each by half of what is missing. */
function pushedApart(rings: readonly TownshipRing[], zoom: number): TownshipRing[] {
  const plane = new Plane(zoom);
  const discs = rings.map(({ lng, lat, cases }) => ({
    ...plane.pixel(lng, lat),
    radius: cases ? clusterDiameterPx(cases.n) / 2 + AIR_PX / 2 : 0,
  }));
  for (let round = 0; round < ROUNDS; round += 1) {
    discs.forEach((a, i) => {
      discs.slice(i + 1).forEach((b) => {
        const [dx, dy] = [b.x - a.x || 0.01, b.y - a.y];
        const distance = Math.hypot(dx, dy);
        const missing = a.radius && b.radius ? a.radius + b.radius - distance : 0;
        if (missing <= 0) return;
        const [sx, sy] = [(dx / distance) * (missing / 2), (dy / distance) * (missing / 2)];
        [a.x, a.y, b.x, b.y] = [a.x - sx, a.y - sy, b.x + sx, b.y + sy];
      });
    });
  }
  return rings.map((ring, i) => {
    const { x, y } = discs[i] as { x: number; y: number };
    return { ...ring, ...plane.place(x, y) };
  });
}
