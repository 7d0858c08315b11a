import { chosenPlace } from './chosen_place.ts';
import { insight } from './insight.svelte.ts';
import type { Opened } from './panel/panel.ts';
import { panelAnswers } from './panel_answers.svelte.ts';

/** The place a reader has in hand: of joined hot cells, or a single cell of the map. */
class InHand {
  /** Which list of its card is open. */
  opened = $state<Opened | null>(null);
  /** The middle of the cell; told by H3, which comes with the map. */
  middle = $state.raw<readonly [lng: number, lat: number] | null>(null);

  place = $derived(
    chosenPlace(
      insight.cell,
      panelAnswers.places.value,
      insight.index,
      panelAnswers.answering.value,
      this.middle,
    ),
  );
  cells: readonly string[] = $derived(this.place?.cells ?? []);
  /** The same in words, which change only with the cells. */
  cellsKey: string = $derived(this.cells.join(','));
  /** With the peak first, by which the answer of its course is known. */
  courseKey: string = $derived.by(() => {
    const { place } = this;
    if (!place) return '';
    return [place.peak, ...place.cells.filter((cell) => cell !== place.peak)].join(',');
  });

  choose(cell: string | null): void {
    insight.cell = cell;
    this.opened = null;
    panelAnswers.closeLists();
  }

  open(list: Opened | null): void {
    this.opened = list;
    if (list === 'cases') void panelAnswers.loadCases(this.cells);
  }
}

export const inHand = new InHand();
