import type { ErrorEvent, Map as MapLibreMap } from 'maplibre-gl';

interface TileAddress {
  x: number;
  y: number;
  z: number;
}

/** What an error of a tile tells besides the error. */
interface TileError {
  sourceId?: string;
  tile?: { tileID: { canonical: TileAddress } };
}

/**
 * The tiles that did not come, by source.
 *
 * MapLibre (6.17) asks for a tile that failed only when it is named: asked for all tiles of a source
 * it calls the failed ones loading, waits for an answer to the request that failed, and from then on
 * the map never comes to rest.
 */
export class MissingTiles {
  readonly #bySource = new Map<string, TileAddress[]>();

  /** Note an error of the map, if it is one of a tile. */
  note(event: ErrorEvent): void {
    const { sourceId, tile } = event as ErrorEvent & TileError;
    if (sourceId === undefined || !tile) return;
    const { x, y, z } = tile.tileID.canonical;
    this.#bySource.set(sourceId, [...(this.#bySource.get(sourceId) ?? []), { x, y, z }]);
  }

  /** Ask again for those of every source. */
  askAgain(map: MapLibreMap): void {
    for (const source of [...this.#bySource.keys()]) this.#askAgain(map, source);
  }

  /** Ask for all tiles of a source, those that failed among them. */
  askForAll(map: MapLibreMap, source: string): void {
    this.#askAgain(map, source);
    map.refreshTiles(source);
  }

  #askAgain(map: MapLibreMap, source: string): void {
    const missing = this.#bySource.get(source);
    this.#bySource.delete(source);
    if (missing && map.getSource(source)) map.refreshTiles(source, missing);
  }
}
