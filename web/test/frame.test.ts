import { expect, test } from "vitest";
import { decodeFrame, readAnswer, row } from "../src/lib/frame";

function encoded(header: unknown, data: number[] = []): ArrayBuffer {
  let text = JSON.stringify(header);
  while (new TextEncoder().encode(text).length % 4 !== 0) text += " ";
  const bytes = new TextEncoder().encode(text);
  const frame = new Uint8Array(4 + bytes.length + 4 * data.length);
  new DataView(frame.buffer).setUint32(0, bytes.length, true);
  frame.set(bytes, 4);
  frame.set(new Uint8Array(Float32Array.from(data).buffer), 4 + bytes.length);
  return frame.buffer;
}
const head = { state: {}, headline: {}, fronts: [], seconds: 0 };
const chart = (values: unknown) => ({ ...head, charts: { lead: { description: "é", series: { released: { percentiles: [5, 50], values } } } } });

test("a frame's numbers are found where its header points", () => {
  const reply = decodeFrame(encoded({ request: 3, answer: chart({ offset: 1, shape: [2, 2] }) }, [9, 1, 2, 3, 4]));
  expect(reply.request).toBe(3);
  const series = reply.answer?.charts.lead?.series.released;
  expect([...Array.from(row(series, 5)), ...Array.from(row(series, 50))]).toEqual([1, 2, 3, 4]);
});

test("the JSON twin reads the same, with gaps where there is no number", () => {
  const answer = readAnswer(chart([[1, null], [3, 4]]) as never);
  expect(Array.from(row(answer.charts.lead?.series.released, 5))).toEqual([1, NaN]);
});

test("a problem comes through", () => {
  expect(decodeFrame(encoded({ request: 1, problem: { title: "No" } })).problem?.title).toBe("No");
});

test("a frame cut short is refused", () => {
  expect(() => decodeFrame(new ArrayBuffer(2))).toThrow(RangeError);
  expect(() => decodeFrame(encoded({ request: 1, answer: chart({ offset: 0, shape: [2, 2] }) }, [1, 2, 3]))).toThrow("numbers missing");
  expect(() => decodeFrame(new Uint8Array([255, 0, 0, 0, 1]).buffer)).toThrow("header longer");
});
