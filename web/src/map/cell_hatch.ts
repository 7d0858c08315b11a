import type { Map as MapLibreMap } from 'maplibre-gl';

import { hatchImage, LOW_EDGE } from './cell_style.ts';

/** How far the lines are apart, in pixels, by how certain the cold is. */
const PITCH_PX = { 90: 8, 95: 5, 99: 4 } as const;
const PIXEL_RATIO = 2;

/** Put the three hatches on the map: thin lines at 45 degrees, nothing between them. */
export function addHatches(map: MapLibreMap): void {
  for (const [bin, pitch] of Object.entries(PITCH_PX)) {
    const side = pitch * PIXEL_RATIO;
    map.addImage(hatchImage(Number(bin)), hatch(side), { pixelRatio: PIXEL_RATIO });
  }
}

function hatch(side: number): ImageData {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [side, side];
  const pen = canvas.getContext('2d') as CanvasRenderingContext2D;
  [pen.strokeStyle, pen.lineWidth] = [LOW_EDGE, PIXEL_RATIO * 0.75];
  // Thrice, so that the corners of the tile are filled too.
  for (const shift of [-side, 0, side]) {
    pen.beginPath();
    pen.moveTo(shift - 1, side + 1);
    pen.lineTo(shift + side + 1, -1);
    pen.stroke();
  }
  return pen.getImageData(0, 0, side, side);
}
