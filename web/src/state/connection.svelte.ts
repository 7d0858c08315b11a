/** Whether the service answers. While it does not, the page shows what it last knew, and since when. */
class Connection {
  /** When the service last answered, in milliseconds; null before the first answer. */
  lastAnswer = $state<number | null>(null);
  isLost = $state(false);

  answered(): void {
    this.lastAnswer = Date.now();
    this.isLost = false;
  }

  lost(): void {
    this.isLost = true;
  }
}

export const connection = new Connection();
