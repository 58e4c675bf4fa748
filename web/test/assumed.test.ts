import { expect, test } from "vitest";
import { assumptions, multiplier, notes, withCoupling, withDraws, withParameter, withPrior, withSeed } from "../src/lib/assumed";
import type { Question, Schema } from "../src/lib/types";

const schema = {
  draws: { default: 1000, max: 4000 },
  seed: { default: 1, max: 4294967295 },
  worldviews: [{ id: "evidence", couplings: {} }, { id: "apart", couplings: { talent: 0 } }],
  couplings: [{ id: "talent", low: 0, high: 10 }, { id: "norms", low: 0, high: 10 }],
} as unknown as Schema;

test("a coupling is as strong as the user says, else as the worldview, else as it is", () => {
  expect(multiplier({}, schema, "talent")).toBe(1);
  expect(multiplier({ worldview: "apart" }, schema, "talent")).toBe(0);
  expect(multiplier({ worldview: "apart", couplings: { talent: 2 } }, schema, "talent")).toBe(2);
});

test("a coupling keeps to its range, and setting it back leaves no trace", () => {
  const strong = withCoupling({}, schema, "talent", 99);
  expect(strong.couplings).toEqual({ talent: 10 });
  expect(withCoupling(strong, schema, "talent", 1)).toEqual({});
  expect(withCoupling(strong, schema, "talent", NaN)).toEqual({});
  expect(withCoupling({ worldview: "apart" }, schema, "talent", 1).couplings).toEqual({ talent: 1 });
});

test("the usual number of futures and the usual seed are left out, and what is no number gives them back", () => {
  expect(withDraws({}, schema, 2500)).toEqual({ draws: 2500 });
  expect(withDraws({ draws: 2500 }, schema, 1e9)).toEqual({ draws: 4000 });
  expect(withDraws({ draws: 2500 }, schema, NaN)).toEqual({});
  expect(withDraws({ draws: 2500 }, schema, 1000)).toEqual({});
  expect(withSeed({}, schema, -3)).toEqual({ seed: 0 });
  expect(withSeed({ seed: 7 }, schema, 1)).toEqual({});
});

test("fixed parameters, couplings and priors alone each count; futures and seed are told beside them", () => {
  let state: Question = withParameter({}, "a.b", 0.3);
  state = withCoupling(state, schema, "norms", 0);
  state = withPrior(state, true);
  expect(assumptions(state, schema)).toBe(3);
  expect(notes(withSeed(withDraws(state, schema, 4000), schema, 7), schema)).toEqual(["3 assumptions fixed by you", "4,000 futures instead of 1,000", "seed 7 instead of 1"]);
  expect(notes(withPrior(withCoupling(withParameter(state, "a.b", NaN), schema, "norms", 1), false), schema)).toEqual([]);
});

test("a strength that the worldview has as well is no assumption of the user's", () => {
  expect(assumptions({ worldview: "apart", couplings: { talent: 0 } }, schema)).toBe(0);
  expect(assumptions({ worldview: "apart", couplings: { talent: 1 } }, schema)).toBe(1);
});
