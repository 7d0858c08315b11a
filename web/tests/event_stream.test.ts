import { expect, test } from 'vitest';

import { EventStreamReader } from '../src/live/event_stream.ts';

const TEXT =
  'retry: 2000\nevent: hello\nid: 330281:7\ndata: {"position":7}\n\n' +
  ': still here\nid: 330281:9\n\n' +
  'data: one\ndata:two\n\n' +
  'event: change\r\nid: 330281:10\r\ndata: 派\r\n\r\n';

const EVENTS = [
  { event: 'hello', data: '{"position":7}' },
  { event: 'message', data: 'one\ntwo' },
  { event: 'change', data: '派' },
];

test('events are read from one piece', () => {
  expect(new EventStreamReader().push(TEXT)).toEqual(EVENTS);
});

test('wherever the text is cut, the same events are read', () => {
  for (let cut = 0; cut <= TEXT.length; cut += 1) {
    const reader = new EventStreamReader();
    const read = [...reader.push(TEXT.slice(0, cut)), ...reader.push(TEXT.slice(cut))];
    expect(read, `cut at ${cut}`).toEqual(EVENTS);
  }
  const reader = new EventStreamReader();
  expect([...TEXT].flatMap((sign) => reader.push(sign))).toEqual(EVENTS);
});

test('a heartbeat moves the place to go on from without being an event', () => {
  const reader = new EventStreamReader();
  reader.push(TEXT.slice(0, TEXT.indexOf(': still')));
  expect(reader.lastId).toBe('330281:7');
  expect(reader.push(': still here\nid: 330281:9\n')).toEqual([]);
  expect(reader.lastId).toBe('330281:7');
  expect(reader.push('\n')).toEqual([]);
  expect(reader.lastId).toBe('330281:9');
});

test('an event that is cut off is not told', () => {
  const reader = new EventStreamReader();
  expect(reader.push('id: 5\ndata: half')).toEqual([]);
  expect(reader.lastId).toBe('');
});
