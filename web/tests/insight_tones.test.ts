import { describe, expect, it } from 'vitest';

import { CLASS_SIGNS, COURSES, courseOf, signOf } from '../src/insight/class_tones.ts';
import {
  cellWidthPx,
  isCell,
  resolutionAt,
  resolutionOf,
  zoomToFit,
} from '../src/insight/cell_resolution.ts';
import { CELL_RAMP } from '../src/symbols/cell_ramp.ts';
import { countScale, rateScale, toneOf, Z_SCALE } from '../src/insight/tones.ts';

const lightnessOf = (hex: string): number => {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 116 * Math.cbrt(0.2126 * r + 0.7152 * g + 0.0722 * b) - 16;
};

describe('the tones of counts', () => {
  it('are those of the house for small counts', () => {
    expect(countScale([0, 1, 2, 3, 9, 15]).breaks).toEqual([0, 1, 2, 4, 7, 11, 16]);
  });

  it('grow with the counts, and are told apart in grey print', () => {
    for (const top of [17, 60, 400, 5_000, 123_456]) {
      const { breaks } = countScale([0, 0, 1, top]);
      expect(breaks.every((at, tone) => tone === 0 || at > (breaks[tone - 1] as number))).toBe(true);
      expect(breaks[1]).toBe(1);
      expect(breaks[6] as number).toBeGreaterThan(top / 11);
    }
    const steps = CELL_RAMP.map(lightnessOf);
    expect(steps.every((at, tone) => tone === 0 || at < (steps[tone - 1] as number) - 3)).toBe(true);
  });

  it('are the same for two periods side by side', () => {
    expect(countScale([1, 2], [90, 100])).toEqual(countScale([90, 100], [1, 2]));
  });

  it('put each value at or above its break and below the next', () => {
    const scale = countScale([0, 250, 3]);
    for (let value = 0; value <= 260; value += 1) {
      const tone = toneOf(value, scale);
      expect(value).toBeGreaterThanOrEqual(scale.breaks[tone] as number);
      if (tone < 6) expect(value).toBeLessThan(scale.breaks[tone + 1] as number);
    }
  });

  it('of rates have round steps, also where there is none', () => {
    expect(rateScale([]).breaks).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(rateScale([0.4, 11.8]).breaks[1]).toBe(2);
  });

  it('of deviates have the middle one around 0', () => {
    expect([-9, -2, -1.7, 0, 1.7, 2, 9].map((z) => toneOf(z, Z_SCALE))).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });
});

describe('classes in time', () => {
  const words = Object.keys(CLASS_SIGNS).flatMap((kind) => [`${kind}-hot`, `${kind}-cold`]);

  it('all have a course and a sign, and none has neither', () => {
    for (const word of words) {
      expect(COURSES).toContain(courseOf(word));
      expect(courseOf(word)).not.toBe('none');
      expect(signOf(word)).not.toBe('');
    }
    expect(courseOf('none')).toBe('none');
    expect(signOf('none')).toBe('');
    expect(new Set(Object.values(CLASS_SIGNS)).size).toBe(8);
  });
});

describe('cells by zoom', () => {
  it('are never finer when the map is farther', () => {
    const zooms = Array.from({ length: 60 }, (_, index) => 5 + index / 5);
    const found = zooms.map(resolutionAt);
    expect(found.every((at, index) => index === 0 || at >= (found[index - 1] as number))).toBe(true);
    expect(Math.max(...found)).toBe(9);
  });

  it('can be told apart, in the cities of the middle latitudes', () => {
    for (let zoom = 7.4; zoom <= 12; zoom += 0.1) {
      expect(cellWidthPx(resolutionAt(zoom), zoom, 30)).toBeGreaterThan(5);
    }
  });

  it('begin with the zoom at which the city fits', () => {
    // The whole world is 512 pixels wide at zoom 0, a quarter of it at zoom 2.
    expect(zoomToFit([-180, -80, 180, 80], 512, 1e6)).toBeCloseTo(0);
    expect(zoomToFit([-45, -1, 45, 1], 512, 1e6)).toBeCloseTo(2);
    // Web Mercator ends where it is as high as wide.
    expect(zoomToFit([-1, -85.0511287798, 1, 85.0511287798], 1e6, 1024)).toBeCloseTo(1);
  });

  it('are known by their names', () => {
    expect(isCell('8831a9d0a1fffff')).toBe(true);
    expect(resolutionOf('8831a9d0a1fffff')).toBe(8);
    for (const wrong of ['', '88', '8831a9d0a1ffffg', 'f831a9d0a1fffff']) {
      expect(isCell(wrong)).toBe(false);
    }
  });
});
