import { expect, test } from "vitest";
import { fromFragment, outdated, pack, toFragment, unpack } from "../src/lib/codec";

const state = { package: "hold", levers: { remote_access_rule: { level: 0.8, start: "2027-01", ramp_months: 12 } }, parameters: { "intelligence.open_rate": 0.3 }, date: "2028-12" };
const link = { state, view: "why", version: "0.1.0", model: "abcdef0123456789", embed: false };

test("a link gives back the question, the view and the model", async () => {
  const found = await fromFragment(`#${await toFragment(link)}`);
  expect(found).toEqual({ ...link, model: "abcdef012345" });
});

test("a packed question is safe in an address", async () => {
  expect(await pack(state)).toMatch(/^[A-Za-z0-9_-]+$/);
});

test("equal questions give equal links, whatever the order of their fields", async () => {
  const { date, levers, ...rest } = state;
  expect(await pack({ date, ...rest, levers })).toBe(await pack(state));
});

test("today's policy needs no fragment", async () => {
  expect(await toFragment({ ...link, state: {}, view: "main" })).toBe("");
  expect((await fromFragment("")).state).toEqual({});
});

test("an empty record says nothing and is left out", async () => {
  expect(await unpack(await pack({ levers: {}, package: "hold" }))).toEqual({ package: "hold" });
});

test("a broken link is refused and not half read", async () => {
  await expect(fromFragment("#s=@@@")).rejects.toThrow();
  await expect(unpack(await pack([] as never))).rejects.toThrow("not a question");
});

test("a link of another model is known as such", () => {
  expect(outdated(link, "abcdef0123456789")).toBe(false);
  expect(outdated(link, "0000")).toBe(true);
  expect(outdated({ ...link, model: "" }, "0000")).toBe(false);
});
