import { describe, expect, it } from 'vitest';

import { beyondOf } from '../src/map/beyond.ts';

const square = (west: number, south: number, side: number): GeoJSON.Position[] => [
  [west, south],
  [west + side, south],
  [west + side, south + side],
  [west, south + side],
  [west, south],
];

const isIn = ([x, y]: readonly [number, number], features: GeoJSON.Feature[]): boolean =>
  features.some(({ geometry }) => {
    const rings = (geometry as GeoJSON.Polygon).coordinates;
    const crossings = rings.flatMap((ring) =>
      ring.slice(1).filter(([x2 = 0, y2 = 0], index) => {
        const [x1 = 0, y1 = 0] = ring[index] as number[];
        return y1 > y !== y2 > y && x1 + ((y - y1) / (y2 - y1)) * (x2 - x1) > x;
      }),
    );
    return crossings.length % 2 === 1;
  });

describe('the land beyond a city', () => {
  const city: GeoJSON.MultiPolygon = {
    type: 'MultiPolygon',
    coordinates: [[square(0, 0, 10), square(4, 4, 2)], [square(20, 0, 5)]],
  };
  const beyond = beyondOf(city);

  it.each([
    ['in a part of the city', [1, 1], false],
    ['in another part', [22, 1], false],
    ['in a hole of the city', [5, 5], true],
    ['between the parts', [15, 1], true],
    ['far away', [-120, 40], true],
  ] as const)('%s', (_, place, expected) => expect(isIn(place, beyond)).toBe(expected));
});
