/** A township's ring with its name below it: a box around a point, in pixels. */
export interface RingBox {
  x: number;
  y: number;
  width: number;
  height: number;
}

const ROUNDS = 60;

/**
 * Move overlapping boxes apart, each by half of what is missing, along the axis that needs less.
 * `x`, `y` are the middles. The same input gives the same places, so nothing jumps.
 */
export function pushedApart<Box extends RingBox>(boxes: readonly Box[]): Box[] {
  const placed = boxes.map((box) => ({ ...box }));
  for (let round = 0; round < ROUNDS; round += 1) {
    let moved = false;
    placed.forEach((a, i) => {
      for (const b of placed.slice(i + 1)) {
        const missingX = (a.width + b.width) / 2 - Math.abs(b.x - a.x);
        const missingY = (a.height + b.height) / 2 - Math.abs(b.y - a.y);
        if (missingX <= 0.01 || missingY <= 0.01) continue;
        moved = true;
        const axis = missingX < missingY ? 'x' : 'y';
        const step = (Math.min(missingX, missingY) / 2) * (b[axis] < a[axis] ? -1 : 1);
        a[axis] -= step;
        b[axis] += step;
      }
    });
    if (!moved) break;
  }
  return placed;
}

/** The disc grows with the count in four steps, larger than on the desk: it is read from 5 m. */
export function ringDiameterPx(count: number): number {
  if (count < 8) return 38;
  if (count < 20) return 44;
  return count < 60 ? 50 : 58;
}
