import type { GeoJSONSource, Map as MapLibreMap } from 'maplibre-gl';

import type { Coverage, Grid } from '../edit/coverage.ts';
import { insidePlace } from '../edit/shapes.ts';

import { CoverageEdges } from './coverage_edges.ts';
import {
  dedicatedWithout,
  GRIDS,
  LABELS,
  TILED_EDGES,
  TILED_GRIDS,
  without,
} from './studio_style.ts';

/**
 * Draws a draft's coverage over the tiles of its base version.
 *
 * Until all its grids are there, the tiles are the coverage and what the draft changes lies over
 * them; from then on its edges are drawn from the grids themselves, and after an operation only
 * those of the grids it changed are taken anew.
 */
export class CoverageDrawing {
  readonly #map: MapLibreMap;
  readonly #isTiled: boolean;
  readonly #edges: CoverageEdges;
  #former: Coverage | null = null;
  #hidden = '';
  isWhole = false;

  constructor(map: MapLibreMap, isTiled: boolean) {
    [this.#map, this.#isTiled] = [map, isTiled];
    this.#edges = new CoverageEdges(map);
  }

  show(coverage: Coverage, isWhole: boolean): void {
    this.#showGrids(coverage);
    if (isWhole && this.isWhole && this.#former) this.#edges.update(this.#former, coverage);
    else if (isWhole) {
      this.#edges.start(coverage);
      for (const id of TILED_EDGES) this.#toggle(id, false);
    }
    this.isWhole = isWhole;
    this.#former = coverage;
  }

  /** Fills and names of the grids that the tiles do not show as they are. */
  #showGrids(coverage: Coverage): void {
    const own = this.#isTiled
      ? [...coverage.changed].flatMap((code) => coverage.grids.get(code) ?? [])
      : [...coverage.grids.values()];
    const told = (grid: Grid): GeoJSON.GeoJsonProperties => ({
      code: grid.code,
      name: grid.name,
      kind: grid.kind,
      changed: coverage.changed.has(grid.code),
    });
    this.#set(
      GRIDS,
      own.map((grid) => ({ type: 'Feature', geometry: grid.geometry, properties: told(grid) })),
    );
    this.#set(
      LABELS,
      own.map((grid) => ({
        type: 'Feature',
        geometry: { type: 'Point', coordinates: [...insidePlace(grid.geometry)] },
        properties: told(grid),
      })),
    );
    if (this.#isTiled) this.#hide([...coverage.before.keys(), ...coverage.changed]);
    else for (const id of Object.values(TILED_GRIDS)) this.#toggle(id, false);
  }

  #hide(codes: string[]): void {
    const key = codes.join();
    if (key === this.#hidden) return;
    this.#hidden = key;
    this.#map.setFilter(TILED_GRIDS.dedicated, dedicatedWithout(codes));
    this.#map.setFilter(TILED_GRIDS.labels, without(codes));
  }

  #set(source: string, features: GeoJSON.Feature[]): void {
    (this.#map.getSource(source) as GeoJSONSource).setData({ type: 'FeatureCollection', features });
  }

  #toggle(layer: string, isShown: boolean): void {
    this.#map.setLayoutProperty(layer, 'visibility', isShown ? 'visible' : 'none');
  }
}
