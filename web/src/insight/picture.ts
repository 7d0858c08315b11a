import type { City } from '../api/client.ts';
import { count } from '../format/numbers.ts';
import { words } from '../i18n/insight_words.ts';
import { language } from '../i18n/language.svelte.ts';
import type { CellMap } from '../map/cell_map.ts';

import { insight } from './insight.svelte.ts';
import type { Shown } from './shown.ts';
import type { Scale } from './tones.ts';

const HEAD_PX = 64;
const FOOT_PX = 56;
const RIM_PX = 16;
const SWATCH_PX = 34;
const FONT = '"Inter Latin", "Noto Sans SC Variable", "PingFang SC", sans-serif';

interface Part {
  map: CellMap;
  title: string;
  shown: Shown;
}

/** Save the maps as they are drawn, with what they show, their scale and where they come from. */
export async function savePicture(city: City, parts: readonly Part[], scale: Scale): Promise<void> {
  const images = await Promise.all(parts.map(({ map }) => map.picture()));
  const [first] = images;
  if (!first) return;
  const ratio = window.devicePixelRatio;
  const canvas = document.createElement('canvas');
  const width = images.reduce((sum, image) => sum + image.width, 0);
  canvas.width = width;
  canvas.height = first.height + (HEAD_PX + FOOT_PX) * ratio;
  const pen = canvas.getContext('2d') as CanvasRenderingContext2D;
  pen.fillStyle = '#FFFFFF';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.scale(ratio, ratio);
  pen.textBaseline = 'top';
  let x = 0;
  parts.forEach(({ title, shown }, index) => {
    const image = images[index] as ImageBitmap;
    pen.drawImage(image, x, HEAD_PX, image.width / ratio, image.height / ratio);
    write(pen, `${city.name} · ${title}`, x + RIM_PX, 12, `650 16px ${FONT}`);
    write(pen, sumOf(shown), x + RIM_PX, 38, `400 13px ${FONT}`, '#455260');
    x += image.width / ratio;
  });
  drawFoot(pen, city, scale, width / ratio, canvas.height / ratio - FOOT_PX);
  canvas.toBlob((blob) => blob && save(blob, nameOf(city)), 'image/png');
}

function sumOf({ total, high }: Shown): string {
  const parts = [
    words.word('metric', insight.metric) ?? '',
    ...(total === null ? [] : [words.text.cases(count(total, language.locale))]),
    ...(high > 0 ? [words.text.hot_cells(count(high, language.locale))] : []),
  ];
  return parts.join(' · ');
}

function drawFoot(
  pen: CanvasRenderingContext2D,
  city: City,
  scale: Scale,
  width: number,
  top: number,
): void {
  if (insight.metric !== 'class') {
    scale.colours.forEach((colour, tone) => {
      pen.fillStyle = colour;
      pen.fillRect(RIM_PX + tone * SWATCH_PX, top + 10, SWATCH_PX, 10);
      const from = scale.breaks[tone] as number;
      const label = Number.isFinite(from) ? count(from, language.locale) : '';
      write(pen, label, RIM_PX + tone * SWATCH_PX, top + 26, `400 11px ${FONT}`, '#455260');
    });
  }
  const notes = [
    words.text.test,
    ...(city.boundary_version
      ? [language.text.boundary_version(String(city.boundary_version.number))]
      : []),
    ...(city.generated ? [language.text.demo] : []),
    'MapLibre',
  ].join(' · ');
  pen.font = `400 12px ${FONT}`;
  const at = width - RIM_PX - pen.measureText(notes).width;
  write(pen, notes, at, top + 22, pen.font, '#455260');
}

function write(
  pen: CanvasRenderingContext2D,
  words: string,
  x: number,
  y: number,
  font: string,
  colour = '#16202A',
): void {
  [pen.font, pen.fillStyle] = [font, colour];
  pen.fillText(words, x, y);
}

const nameOf = ({ code }: City): string =>
  `${code}-${insight.metric}-${insight.period.from}-${insight.period.to}.png`;

function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
