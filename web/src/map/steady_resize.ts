import type { Map as MapLibreMap } from 'maplibre-gl';

/**
 * Resize the map with its container so that the ground stays where it is on the screen: a panel
 * that opens covers part of the map instead of shifting what was just clicked.
 *
 * When the window itself changes, the middle of the map stays the middle. Returns how to stop.
 */
export function keepGroundInPlace(map: MapLibreMap, container: HTMLElement): () => void {
  let former = middle(container);
  let window = windowSize();
  const observer = new ResizeObserver(() => {
    if (container.clientWidth === 0 || container.clientHeight === 0) return;
    const [now, nowWindow] = [middle(container), windowSize()];
    map.resize();
    if (window === nowWindow) map.panBy([now.x - former.x, now.y - former.y], { duration: 0 });
    [former, window] = [now, nowWindow];
  });
  observer.observe(container);
  return () => observer.disconnect();
}

function middle(container: HTMLElement): { x: number; y: number } {
  const { left, top, width, height } = container.getBoundingClientRect();
  return { x: left + width / 2, y: top + height / 2 };
}

const windowSize = (): string => `${innerWidth}x${innerHeight}`;
