/** One event of a server-sent stream. */
export interface StreamEvent {
  event: string;
  data: string;
}

/**
 * Reads the text of a server-sent event stream (HTML standard, 9.2.6), cut anywhere.
 *
 * Read here rather than by `EventSource`, which hides the heartbeats: a line that went dead without
 * being closed would look alive for minutes.
 */
export class EventStreamReader {
  /** The place to go on from: the id of the last block, which need not hold an event. */
  lastId = '';
  #rest = '';
  #id = '';
  #event = '';
  #data: string[] = [];

  /** The events that this piece of text completes. */
  push(text: string): StreamEvent[] {
    const events: StreamEvent[] = [];
    const whole = this.#rest + text;
    // A piece may end between the two signs of a line's end: that line waits for the next one.
    const lines = whole.split(/\r\n|\n|\r(?=[^\n])/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line !== '') {
        this.#field(line);
        continue;
      }
      this.lastId = this.#id;
      if (this.#data.length > 0) {
        events.push({ event: this.#event || 'message', data: this.#data.join('\n') });
      }
      [this.#event, this.#data] = ['', []];
    }
    return events;
  }

  #field(line: string): void {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') this.#data.push(value);
    else if (name === 'event') this.#event = value;
    else if (name === 'id' && !value.includes('\0')) this.#id = value;
  }
}
