import { expect, test } from "vitest";
import { layers, placeOf, shown, spread, timeScale, valueScale, valueTicks, yearTicks } from "../src/lib/geometry";
import type { ChartInfo, Drawn, Point } from "../src/lib/types";

const months = Array.from({ length: 108 }, (_, at) => `${2020 + Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, "0")}`);
const box = { width: 500, height: 300, top: 10, right: 50, bottom: 20, left: 40 };
const window = shown(months, "2026-05");
const info = (kind: "fan" | "stacked", scale: "linear" | "log" = "linear") => ({ kind, scale, series: [{ id: "a", label: "A" }, { id: "b", label: "B" }] }) as ChartInfo;
const flat = (value: number) => ({ percentiles: [5, 25, 50, 75, 95], rows: [1, 2, 3, 4, 5].map(() => months.map(() => value)) });
const drawn = { series: { a: flat(2), b: flat(3) }, description: "" } as Drawn;

test("the middle of a month is its place among the months", () => {
  expect(placeOf(2020 + 0.5 / 12, months)).toBeCloseTo(0);
  expect(placeOf(2026 + 4.5 / 12, months)).toBeCloseTo(76);
});

test("the axis holds what is drawn, from nothing where that is near, and is not stretched by a few far estimates", () => {
  const y = valueScale(info("fan"), [drawn], Array.from({ length: 50 }, (_, at) => ({ time: 2024, value: at === 7 ? 900 : 7, low: 5, high: 9 }) as Point), window, box);
  expect(y.domain()[0]).toBe(0);
  expect(y.domain()[1]).toBe(7);
});

test("a stack reaches to the sum of its medians", () => {
  const y = valueScale(info("stacked"), [drawn], [], window, box);
  expect(y.domain()).toEqual([0, 5]);
  expect(layers(info("stacked"), drawn, window, timeScale(window, box), y).map((each) => each.end)).toEqual([1, 3.5]);
});

test("a logarithmic axis ignores what it cannot show and has a few round ticks", () => {
  const y = valueScale(info("fan", "log"), [{ ...drawn, series: { a: flat(0), b: flat(20) } }, drawn], [], window, box);
  expect(valueTicks(y, true)).toEqual([2, 5, 10, 20]);
});

test("a chart without numbers still has an axis", () => {
  const y = valueScale(info("fan"), [{ series: {}, description: "" }], [], window, box);
  expect(Number.isFinite(y(0))).toBe(true);
});

test("labels keep their distance and stay within the picture", () => {
  const places = spread([100, 101, 102, 20], 13, 10, 110);
  expect(places[3]).toBe(20);
  expect(Math.max(...places)).toBeLessThanOrEqual(110);
  expect((places[1] ?? 0) - (places[0] ?? 0)).toBe(13);
});

test("years are dropped where there is no room", () => {
  expect(yearTicks(months, window, 500).length).toBe(7);
  expect(yearTicks(months, window, 200).length).toBe(4);
});
