import type { OpenKey, openZh } from './open_zh.ts';

/** Written, not translated word by word; the compiler holds it to the same keys and values. */
export const openEn: { [Key in OpenKey]: (typeof openZh)[Key] } = {
  title: 'Open data',
  heading: 'How many cases, and where',
  skip_to_table: 'Skip to the list',
  loading: 'Reading the open counts…',
  loading_map: 'Opening the map…',
  no_map: 'This browser cannot draw the map; the list has the same counts.',
  sign_in: 'Staff sign in',
  nothing: 'No month has been released yet',
  nothing_explained: (days) => `A month is released ${days} days after its end, and stays as it is.`,

  category: 'Category',
  every_category: 'All public categories',
  period: 'Time',
  every_month: 'All months',
  one_month: 'By month',
  month: 'Month',
  month_said: (month, count) => `${month}, ${count} cases`,
  span: (from, to) => `${from} to ${to}`,
  by_month: 'Cases told of each month',
  horizon: (month, day) => `Data to ${month}, released ${day}`,

  told: (count) => `${count} cases`,
  told_of: (span, what) => `${span}, ${what}`,
  least_said: (least) => `No count that is told is below ${least}.`,

  legend: 'Cases per km² and month',
  too_few: 'Too few to tell',
  below: (to) => `<${to}`,
  from_on: (from) => `≥${from}`,
  map: 'Map: cases told of each cell',
  map_fingers: 'Use two fingers to move the map',
  map_keys: 'Arrow keys move the map, plus and minus zoom; the list has the count of each cell.',

  table: 'Cells',
  place: 'Township',
  count: 'Cases',
  density: 'Per km² and month',
  outside: 'Outside the city',
  cell_size: (km2) => `${km2} km²`,
  withheld_cells: (count) => `Of ${count} more cells there are too few to tell.`,
  whole: 'All told',
  parts: (told, all) => `${told} of ${all} told`,
  parts_explained: (all, told, least) =>
    `Of ${all} parts here (a category in a month each), ${told} are told and added up. The others have fewer than ${least} cases and are left out.`,
  cell_withheld: (least) => `No category reached ${least} cases in any month here; there may be none at all.`,
  chosen: 'Chosen cell',
  unchoose: 'Deselect',

  why: 'What is withheld, and why',
  why_small: (least) =>
    `Counts below ${least} are not told, nor whether there are few or none: nobody shall recognise one case, or one person, in a number.`,
  why_ground:
    'A cell is told by its seven smaller ones only where each of them has enough or none. So cells are large here and small there.',
  why_once: (days) =>
    `A month is released once, ${days} days after its end, and never corrected: the difference of two releases would tell, too.`,
  why_sums: 'Several months or categories are sums of what is told of each; what was withheld is in no sum.',
  why_categories: 'Sensitive categories, and those not declared public, are not here.',

  files: 'Download',
  files_explained: 'The rows of these months and categories: month, category, cell, count.',
  rows_of: (form) => `Download ${form}`,
  licence: (licence) => `Licence: ${licence}`,
  no_licence: 'No licence is stated.',
  origin: (city) => `Source: cases of ${city}, each counted once at the place of its first report.`,
  next: (month, day) => `${month} follows on ${day} at the earliest.`,
};
