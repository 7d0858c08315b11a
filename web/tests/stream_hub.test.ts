import { describe, expect, test } from 'vitest';

import { type Line, StreamHub } from '../src/live/stream_hub.ts';
import type { LineState, StreamNews, Tell } from '../src/live/stream_news.ts';

class TestLine implements Line {
  isOpen = false;
  readonly tell: Tell;

  constructor(tell: Tell) {
    this.tell = tell;
  }

  start(): void {
    this.isOpen = true;
  }

  stop(): void {
    this.isOpen = false;
  }
}

function room(): { hub: StreamHub; lines: TestLine[] } {
  const lines: TestLine[] = [];
  const hub = new StreamHub((tell) => {
    const line = new TestLine(tell);
    lines.push(line);
    return line;
  });
  return { hub, lines };
}

function page(): { tell: Tell; heard: StreamNews[] } {
  const heard: StreamNews[] = [];
  return { tell: (news) => heard.push(news), heard };
}

const line = (state: LineState, resumed = false): StreamNews => ({ kind: 'line', state, resumed });
const CHANGE: StreamNews = {
  kind: 'change',
  change: { position: 1, at: '', kind: 'report.received', subject: '', case: null },
};

describe('pages of one account share one line', () => {
  test('opened by the first, heard by all, closed after the last', () => {
    const { hub, lines } = room();
    const [a, b] = [page(), page()];
    hub.join(a.tell, 'dispatcher');
    hub.join(b.tell, 'dispatcher');
    expect(lines).toHaveLength(1);
    lines[0]?.tell(CHANGE);
    expect(a.heard).toEqual([CHANGE]);
    expect(b.heard).toEqual([CHANGE]);
    hub.leave(a.tell);
    expect(lines[0]?.isOpen).toBe(true);
    hub.leave(b.tell);
    expect(lines[0]?.isOpen).toBe(false);
  });

  test('who joins later is told at once how the line stands, and has missed nothing', () => {
    const { hub, lines } = room();
    const [a, b] = [page(), page()];
    hub.join(a.tell, 'dispatcher');
    lines[0]?.tell(line('live'));
    hub.join(b.tell, 'dispatcher');
    expect(a.heard).toEqual([line('live')]);
    expect(b.heard).toEqual([line('live', true)]);
  });

  test('who left hears no more', () => {
    const { hub, lines } = room();
    const [a, b] = [page(), page()];
    hub.join(a.tell, 'dispatcher');
    hub.join(b.tell, 'dispatcher');
    hub.leave(a.tell);
    lines[0]?.tell(CHANGE);
    expect(a.heard).toEqual([]);
  });
});

test('another account gets a line of its own, and the other pages are told', () => {
  const { hub, lines } = room();
  const [a, b] = [page(), page()];
  hub.join(a.tell, 'dispatcher');
  hub.join(b.tell, 'leader');
  expect(lines.map(({ isOpen }) => isOpen)).toEqual([false, true]);
  expect(a.heard).toEqual([{ kind: 'session', session: 'leader' }]);
  lines[0]?.tell(CHANGE);
  expect(b.heard).toEqual([]);
});

test('a line that was refused is tried again by whoever asks', () => {
  const { hub, lines } = room();
  const a = page();
  hub.join(a.tell, 'dispatcher');
  lines[0]?.tell(line('refused'));
  hub.join(a.tell, 'dispatcher');
  expect(lines).toHaveLength(2);
  expect(lines[1]?.isOpen).toBe(true);
});
