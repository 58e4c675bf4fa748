import { expect, test } from "vitest";
import { hit, panels, scale, tenths, year } from "../src/lib/forecasts";
import type { Forecast, Quantity } from "../src/views/tables";

const forecast = (cutoff: string, value: number): Forecast => ({ cutoff, month: "2025-06", value, percentiles: [2, 4, 5, 6, 8] });
const quantity = (name: string, forecasts: Forecast[], kind: Quantity["scale"] = "linear") => ({ name, scale: kind, forecasts }) as Quantity;

test("a figure at the very end of the range is within it, one beyond is not", () => {
  expect([2, 8, 1.99, 8.01].map((value) => hit(forecast("2024-12-31", value)))).toEqual([true, true, false, false]);
});

test("panels are those of one cut-off, with most figures first, and count what fell within", () => {
  const few = quantity("few", [forecast("2024-12-31", 5), forecast("2023-12-31", 5)]);
  const many = quantity("many", [forecast("2024-12-31", 5), forecast("2024-12-31", 9)]);
  const none = quantity("none", [forecast("2023-12-31", 5)]);
  const found = panels([few, many, none], "2024-12-31");
  expect(found.map((each) => [each.quantity.name, each.forecasts.length, each.inside])).toEqual([["many", 2, 1], ["few", 1, 1]]);
});

test("the middle of a month is where it stands in its year", () => {
  expect(year("2025-01")).toBeCloseTo(2025 + 0.5 / 12);
  expect(year("2025-12")).toBeCloseTo(2025 + 11.5 / 12);
});

test("an axis holds figures and ranges, and is a logarithm only where nothing is nought", () => {
  for (const kind of ["linear", "log"] as const) {
    const { y, ticks } = scale({ quantity: quantity("a", [], kind), forecasts: [forecast("2024-12-31", 9)], inside: 0 }, 100, 0);
    expect(y(2)).toBeLessThanOrEqual(100);
    expect(y(9)).toBeGreaterThanOrEqual(0);
    expect(ticks.length).toBeGreaterThan(1);
  }
  const nought = scale({ quantity: quantity("a", [], "log"), forecasts: [forecast("2024-12-31", 0)], inside: 0 }, 100, 0);
  expect(nought.y(0)).toBeCloseTo(100);
});

test("tenths are shares of all ranks, and a rank of one is in the last", () => {
  const found = tenths([0, 0.05, 0.55, 1]);
  expect(found).toHaveLength(10);
  expect([found[0], found[5], found[9]]).toEqual([0.5, 0.25, 0.25]);
});
