const STEP_PX = 2;
const CORNERS = [
  [0, 0],
  [STEP_PX, 0],
  [STEP_PX, STEP_PX],
  [0, STEP_PX],
] as const;

/** How far the page is moved at an instant: 2 px each hour, so that no edge burns into the screen. */
export function burnInShift(now: number): readonly [x: number, y: number] {
  return CORNERS[Math.floor(now / 3_600_000) % CORNERS.length] as (typeof CORNERS)[number];
}
