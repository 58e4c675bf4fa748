import { expect, test } from "vitest";
import { History } from "../src/lib/history";

test("undo and redo walk over the same values", () => {
  const history = new History(0);
  history.push(1);
  history.push(2);
  expect([history.undo(), history.undo(), history.undo()]).toEqual([1, 0, 0]);
  expect([history.redo(), history.redo(), history.redo()]).toEqual([1, 2, 2]);
});

test("a new step forgets what was undone", () => {
  const history = new History(0);
  history.push(1);
  history.undo();
  history.push(2);
  expect(history.redoable).toBe(false);
  expect(history.undo()).toBe(0);
});

test("quick steps on one lever are one step", () => {
  const history = new History(0, 800);
  history.push(1, "lever", 1000);
  history.push(2, "lever", 1500);
  history.push(3, "lever", 9000);
  expect([history.undo(), history.undo()]).toEqual([2, 0]);
});

test("the oldest steps are dropped", () => {
  const history = new History(0, 0, 2);
  for (const each of [1, 2, 3]) history.push(each);
  expect([history.undo(), history.undo(), history.undo()]).toEqual([2, 1, 1]);
});
