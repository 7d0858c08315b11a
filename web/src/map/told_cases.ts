import type { Spot } from './gather.ts';

interface Told {
  /** Null when the map's filter holds the case no longer. */
  spot: Spot | null;
  isNew: boolean;
  /** The asking for tiles that came before it was told. */
  round: number;
}

/**
 * What the stream told of cases since their tiles were asked for.
 *
 * The map shows it over the tiles, which are asked for again every few seconds only: a new case
 * has its point at once, a changed one its new symbol where the tiles name it. One that lies in a
 * gathered spot of the tiles changes with them.
 */
export class ToldCases {
  readonly #told = new Map<number, Told>();
  #round = 0;

  tell(number: number, spot: Spot | null, isNew: boolean): void {
    // A case that came and changed since the tiles were asked for is still in none of them.
    const wasNew = this.#told.get(number)?.isNew ?? false;
    this.#told.set(number, { spot, isNew: isNew || wasNew, round: this.#round });
  }

  /** Tiles are asked for now; what is told from here on they may not hold. */
  ask(): void {
    this.#round += 1;
  }

  /** The tiles that were asked for last are all there. */
  arrived(): void {
    for (const [number, { round }] of this.#told) {
      if (round < this.#round) this.#told.delete(number);
    }
  }

  clear(): void {
    this.#told.clear();
  }

  /** The spots of the tiles with what was told over them. */
  over(spots: readonly Spot[]): Spot[] {
    if (this.#told.size === 0) return [...spots];
    const named = new Set<number>();
    const kept = spots.filter(({ single }) => {
      if (!single || !this.#told.has(single.number)) return true;
      named.add(single.number);
      return false;
    });
    for (const [number, { spot, isNew }] of this.#told) {
      if (spot && (isNew || named.has(number))) kept.push(spot);
    }
    return kept;
  }
}
