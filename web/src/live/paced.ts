/** Does something when asked: at once after a rest, else when the rest is over; asked often, once. */
export class Paced {
  readonly #act: () => void;
  readonly #restMs: number;
  #restsUntil = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(act: () => void, restMs: number) {
    this.#act = act;
    this.#restMs = restMs;
  }

  ask(): void {
    if (this.#timer !== null) return;
    const waitMs = Math.max(0, this.#restsUntil - Date.now());
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#restsUntil = Date.now() + this.#restMs;
      this.#act();
    }, waitMs);
  }

  cancel(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
