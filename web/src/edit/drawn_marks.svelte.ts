import { untrack } from 'svelte';

import { area, count } from '../format/numbers.ts';
import { language } from '../i18n/language.svelte.ts';
import { words } from '../i18n/studio_words.ts';

import { counted } from './counted.svelte.ts';
import type { Counts } from './drafts.ts';
import { edgesNotIn } from './edges.ts';
import { evening } from './evening.svelte.ts';
import { hand } from './hand.svelte.ts';
import { impact, type Shaded } from './impact.svelte.ts';
import {
  cornerMarks,
  figureMarks,
  impactMarks,
  impactWords,
  letterOf,
  lineMarks,
  selectedMarks,
  type Written,
} from './marks.ts';
import type { Proposal } from './proposals.ts';
import { boxAround } from './shapes.ts';
import { studio } from './studio.svelte.ts';

/** Keep what is marked over the grids in step with the work. Call once, while a component starts. */
export function drawMarks(): void {
  $effect(() => {
    // As they are right now, moved with the corner.
    const inHand = studio.chosen.map(
      (grid) => hand.moved.find(({ code }) => code === grid.code) ?? grid,
    );
    hand.map?.mark('mark-selected', selectedMarks(inHand, hand.pieces, studio.isFresh));
  });
  $effect(() => {
    const { pieces, figures } = hand;
    const isDrawn = figures.length > 0;
    const shown = isDrawn
      ? figures.map(({ shape, name, after }, i) => ({
          shape,
          name: pieces.length > 0 ? letterOf(i) : name,
          areaM2: after,
          counts: counted.areas[i],
        }))
      : studio.chosen.map((grid, i) => ({
          shape: grid.geometry,
          name: studio.isFresh && studio.chosen.length > 1 ? letterOf(i) : grid.name || grid.code,
          areaM2: grid.area_m2,
          counts: counted.in(grid),
        }));
    const write = (i: number): Written => written(shown[i] as (typeof shown)[number]);
    const isToldApart = pieces.length > 0 || (studio.isFresh && !isDrawn);
    hand.map?.mark(
      'mark-figures',
      figureMarks(shown.map(({ shape }) => shape), isToldApart, write),
    );
  });
  $effect(() => {
    const { seen, shapes } = evening;
    if (seen) {
      const areas = shapes.map(({ code, geometry: area }) => ({ code, area, hands: 0 }));
      hand.map?.mark('mark-impact', impactMarks(areas));
      hand.map?.mark('mark-impact-figures', impactWords(areas, ({ code }) => evened(seen, code)));
      return;
    }
    const shaded = studio.coverage && studio.isWhole ? impact.shaded(studio.coverage) : [];
    hand.map?.mark('mark-impact', impactMarks(shaded));
    const write = ({ figures, hands }: Shaded): string =>
      [
        figures.households === null
          ? said(figures.area_m2)
          : words.text.households_short(count(Math.round(figures.households), language.locale)),
        hands > 0 ? `${words.text.impact_hands} ${count(hands, language.locale)}` : '',
      ].join('\n');
    hand.map?.mark('mark-impact-figures', impactWords(shaded, write));
  });
  $effect(() => hand.map?.mark('mark-corners', cornerMarks(hand.corners, hand.corner)));
  $effect(() => {
    const { coverage } = studio;
    if (!coverage || !studio.isWhole) return;
    const before = [...coverage.before.values()];
    const changed = [...coverage.changed].flatMap((code) => coverage.grids.get(code) ?? []);
    const box = boxAround([...before, ...changed].map(({ geometry }) => geometry));
    const [now, base] = box ? [coverage.meeting(box), coverage.base.meeting(box)] : [[], []];
    hand.map?.mark('mark-removed', lineMarks(edgesNotIn(before, now)));
    hand.map?.mark('mark-moved', lineMarks(edgesNotIn(changed, base)));
  });
  $effect(() => {
    const { sketch } = studio;
    const drawn: GeoJSON.Feature[] = sketch
      ? [{ type: 'Feature', geometry: sketch, properties: {} }]
      : [];
    const { coverage } = studio;
    const box = boxAround(evening.shapes.map(({ geometry }) => geometry));
    const proposed = coverage && box ? edgesNotIn(evening.shapes, coverage.meeting(box)) : [];
    hand.map?.mark('mark-sketch', [
      ...drawn,
      ...lineMarks(hand.movedEdges),
      ...lineMarks(proposed),
    ]);
  });
  $effect(() => {
    const geometry = studio.refusal?.where ?? studio.place;
    hand.map?.mark(
      'mark-place',
      geometry ? [{ type: 'Feature', geometry, properties: {} }] : [],
    );
    const map = untrack(() => hand.map);
    if (!geometry) return;
    // What was just drawn is in view: its place is only marked, and gone to where it is not.
    if (studio.refusal) map?.reveal([geometry]);
    else map?.goTo([geometry]);
  });
}

/** What a proposal makes of a grid. */
function evened({ table }: Proposal, code: string): string {
  const row = table.find((each) => each.code === code);
  const figures = [row?.before, row?.after].map((n) =>
    n === null || n === undefined ? '—' : count(Math.round(n), language.locale),
  );
  return row ? figures.join(' → ') : '';
}
const said = (m2: number): string => area(m2, language.locale);

/** Households first where they are counted, else how large it is. */
function written(told: { name: string; areaM2: number; counts: Counts | undefined }): Written {
  const households = told.counts?.households ?? null;
  if (households === null) return { figure: said(told.areaM2), words: told.name };
  const figure = words.text.households_short(count(Math.round(households), language.locale));
  return { figure, words: [told.name, said(told.areaM2)].filter(Boolean).join(' · ') };
}
