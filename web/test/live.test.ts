import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Live } from "../src/lib/live";

class Fake {
  static made: Fake[] = [];
  readyState = 0;
  sent: { request: number; state: { seed: number } }[] = [];
  onopen = () => {};
  onclose = () => {};
  onmessage = (_: { data: ArrayBuffer }) => {};
  constructor() {
    Fake.made.push(this);
  }
  opened() {
    this.readyState = 1;
    this.onopen();
  }
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  answer(request: number) {
    let text = JSON.stringify({ request });
    text += " ".repeat((4 - (text.length % 4)) % 4);
    const frame = new Uint8Array(4 + text.length);
    new DataView(frame.buffer).setUint32(0, text.length, true);
    frame.set(new TextEncoder().encode(text), 4);
    this.onmessage({ data: frame.buffer });
  }
  close() {}
}

const listener = { reply: vi.fn(), connection: vi.fn() };
const last = () => Fake.made.at(-1) as Fake;

beforeEach(() => {
  vi.useFakeTimers();
  Fake.made = [];
  listener.reply.mockClear();
  listener.connection.mockClear();
});
afterEach(() => vi.useRealTimers());

test("of the questions asked while one is answered only the last is sent", () => {
  const live = new Live("", listener, () => new Fake() as unknown as WebSocket);
  last().opened();
  for (const seed of [1, 2, 3, 4]) live.ask({ seed });
  expect(last().sent.map((each) => each.state.seed)).toEqual([1]);
  last().answer(1);
  expect(last().sent.map((each) => each.state.seed)).toEqual([1, 4]);
  last().answer(4);
  expect(last().sent.length).toBe(2);
  expect(listener.reply).toHaveBeenCalledTimes(2);
});

test("a lost connection is said, tried again, and the last question asked anew", () => {
  const live = new Live("", listener, () => new Fake() as unknown as WebSocket);
  last().opened();
  live.ask({ seed: 7 });
  last().onclose();
  expect(listener.connection).toHaveBeenLastCalledWith("lost");
  live.ask({ seed: 8 });
  vi.advanceTimersByTime(600);
  expect(Fake.made.length).toBe(2);
  last().opened();
  expect(last().sent.map((each) => each.state.seed)).toEqual([8]);
});

test("waits between tries grow, but not beyond a few seconds", () => {
  new Live("", listener, () => new Fake() as unknown as WebSocket);
  for (let attempt = 0; attempt < 6; attempt += 1) {
    last().onclose();
    vi.advanceTimersByTime(5000);
  }
  expect(Fake.made.length).toBe(7);
});
