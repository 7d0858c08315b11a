/** The Mercator plane at a zoom, in pixels of a world of 512 × 2^zoom, x east and y south. */
export class Plane {
  readonly #worldPx: number;

  constructor(zoom: number) {
    this.#worldPx = 512 * 2 ** zoom;
  }

  pixel(lng: number, lat: number): { x: number; y: number } {
    const y = (1 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / Math.PI) / 2;
    return { x: ((lng + 180) / 360) * this.#worldPx, y: y * this.#worldPx };
  }

  place(x: number, y: number): { lng: number; lat: number } {
    const share = y / this.#worldPx;
    return {
      lng: (x / this.#worldPx) * 360 - 180,
      lat: (360 / Math.PI) * Math.atan(Math.exp(Math.PI * (1 - 2 * share))) - 90,
    };
  }
}
