import { expect, test } from "vitest";
import { ramp, setting, share, track, withLever } from "../src/lib/levers";
import type { Lever, Package, Schema } from "../src/lib/types";

const lever = { id: "a", low: 0, high: 1, today: 0.1, default_start: "2027-01", default_ramp_months: 12 } as Lever;
const ceiling = { ...lever, id: "tpp", high: 1_000_000, today: 21_000 };
const packages = [{ id: "hold", label: "Hold", description: "", levers: { a: { level: 0.9, start: "2026-07" } } }] as Package[];

test("a slider over powers of ten gives back the level it was set to, ends included", () => {
  const line = track(ceiling);
  for (const level of [0, 2370, 21_000, 1_000_000]) expect(line.toLevel(line.toPosition(level)) / (level || 1)).toBeCloseTo(level ? 1 : 0, 1);
  expect(line.toLevel(line.high)).toBe(1_000_000);
});

test("a plain slider is linear and never leaves its range", () => {
  expect(track(lever).step).toBe(0.01);
  expect(track(lever).toLevel(2)).toBe(1);
  expect(share(lever, 0.25)).toBe(0.25);
});

test("a user's setting is over the package's, which is over today's level", () => {
  expect(setting(lever, {}, packages)).toEqual({ setting: { level: 0.1, start: "2027-01", ramp_months: 12 }, from: "today" });
  expect(setting(lever, { package: "hold" }, packages)).toEqual({ setting: { level: 0.9, start: "2026-07", ramp_months: 0 }, from: "package" });
  const own = withLever({ package: "hold" }, "a", { level: 0.5, start: "2027-03", ramp_months: 6 });
  expect(setting(lever, own, packages).from).toBe("own");
  expect(withLever(own, "a", undefined).levers).toEqual({});
});

test("a ramp is whole months, no longer than the server takes", () => {
  const schema = { ramp_months: { max: 120 } } as Schema;
  expect([7.4, -3, 500, NaN].map((months) => ramp(months, schema))).toEqual([7, 0, 120, 0]);
});

test("a setting without a start begins as the package has it", () => {
  expect(setting(lever, { package: "hold", levers: { a: { level: 0.5 } } }, packages).setting.start).toBe("2026-07");
});
