import type { Corner } from './corners.ts';
import type { Grid } from './coverage.ts';
import type { Shaded } from './impact.svelte.ts';
import { type Area, insidePlace, type Position } from './shapes.ts';

type Features = GeoJSON.Feature[];

/** The selected grids, or in their place the pieces a line would make of one. */
export const selectedMarks = (
  chosen: readonly Grid[],
  pieces: readonly Area[],
  isFresh: boolean,
): Features =>
  shapes(chosen, pieces).map((geometry, i) => ({
    type: 'Feature',
    geometry,
    properties: { tint: tintOf(i, pieces.length > 0 || isFresh) },
  }));

/** More figures than these would cover the grids. */
const MOST_FIGURES = 12;

/** What is written into a grid or a piece: the figure that counts most, and smaller words under it. */
export interface Written {
  figure: string;
  words: string;
}

/** How much lies in each of them, written into it. */
export function figureMarks(
  shown: readonly Area[],
  isToldApart: boolean,
  write: (index: number) => Written,
): Features {
  if (shown.length > MOST_FIGURES) return [];
  return shown.map((geometry, i) => ({
    type: 'Feature',
    geometry: { type: 'Point', coordinates: [...insidePlace(geometry)] },
    properties: { ...write(i), tint: tintOf(i, isToldApart) },
  }));
}

/** The corners that may be taken hold of, and the one in hand where it would go. */
export function cornerMarks(
  corners: readonly Corner[],
  held: { from: Position; to: Position } | null,
): Features {
  return corners.map(({ at, codes, isFixed }) => {
    const isHeld = held !== null && held.from === at;
    return {
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [...(isHeld ? held.to : at)] },
      properties: { node: codes.length > 2, fixed: isFixed, chosen: isHeld },
    };
  });
}

export const lineMarks = (lines: readonly Position[][]): Features =>
  lines.length === 0
    ? []
    : [
        {
          type: 'Feature',
          geometry: {
            type: 'MultiLineString',
            coordinates: lines as unknown as GeoJSON.Position[][],
          },
          properties: {},
        },
      ];

const shapes = (chosen: readonly Grid[], pieces: readonly Area[]): readonly Area[] =>
  pieces.length > 0 ? pieces : chosen.map(({ geometry }) => geometry);

/** How the pieces of a grid are called: A, B, C… */
export const letterOf = (index: number): string => String.fromCharCode(65 + index);

const tintOf = (index: number, isToldApart: boolean): string =>
  isToldApart && index % 2 === 1 ? 'b' : 'a';

/** The grids of an impact, shaded by how much of each goes to somebody else. */
export const impactMarks = (
  shaded: readonly Pick<Shaded, 'code' | 'area' | 'hands'>[],
): Features =>
  shaded.map(({ code, area, hands }) => ({
    type: 'Feature',
    geometry: area,
    properties: { code, hands },
  }));

/** What is written into them. */
export const impactWords = <Each extends { area: Area }>(
  shaded: readonly Each[],
  write: (grid: Each) => string,
): Features =>
  shaded.map((grid) => ({
    type: 'Feature',
    geometry: { type: 'Point', coordinates: [...insidePlace(grid.area)] },
    properties: { words: write(grid) },
  }));
