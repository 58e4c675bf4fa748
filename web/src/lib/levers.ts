import type { Change, Lever, Package, Question, Schema, Setting } from "./types";

/** How a lever's level lies on its slider. Levels over several powers of ten need a scale that is not linear. */
export interface Track {
  low: number;
  high: number;
  step: number;
  toLevel(position: number): number;
  toPosition(level: number): number;
}

const STEPS = 1000;
/** Above this the slider is linear in the logarithm; TPP of 100 is far below any chip that a rule names. */
const BEND = 100;

export function track(lever: Lever): Track {
  const { low, high } = lever;
  if (high - low > 1000) {
    const bent = (level: number) => Math.log1p((level - low) / BEND);
    const whole = bent(high);
    return {
      low: 0,
      high: STEPS,
      step: 1,
      toLevel: (position) => clamp(rounded(low + BEND * Math.expm1((position / STEPS) * whole), 3), low, high),
      toPosition: (level) => Math.round((bent(clamp(level, low, high)) / whole) * STEPS),
    };
  }
  const step = niceStep((high - low) / 100);
  return {
    low,
    high,
    step,
    toLevel: (position) => clamp(rounded(position, 6), low, high),
    toPosition: (level) => clamp(level, low, high),
  };
}

/** Where a level stands between the ends of its slider, from 0 to 1. */
export function share(lever: Lever, level: number): number {
  const line = track(lever);
  return (line.toPosition(level) - line.low) / (line.high - line.low);
}

export interface Held { setting: Setting; from: "own" | "package" | "today" }

/** What holds for a lever in this question: the user's own setting, else the package's, else today's level. */
export function setting(lever: Lever, state: Question, packages: Package[]): Held {
  const today = { level: lever.today, start: lever.default_start, ramp_months: lever.default_ramp_months };
  const packaged = packages.find((each) => each.id === state.package)?.levers[lever.id];
  // A package without a ramp acts in its first month.
  const base = packaged ? filled(packaged, { ...today, ramp_months: 0 }) : today;
  const own = state.levers?.[lever.id];
  if (own) return { setting: filled(own, base), from: "own" };
  return { setting: base, from: packaged ? "package" : "today" };
}

function filled(change: Change, base: Setting): Setting {
  return { level: change.level, start: change.start ?? base.start, ramp_months: change.ramp_months ?? base.ramp_months };
}

export function withLever(state: Question, id: string, changed: Setting | undefined): Question {
  const { [id]: _, ...others } = state.levers ?? {};
  return { ...state, levers: changed ? { ...others, [id]: changed } : others };
}

/** Whole months that a lever may take from its start to its level; what is no number is at once. */
export function ramp(months: number, schema: Schema): number {
  return Math.round(clamp(months || 0, 0, schema.ramp_months.max));
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

function rounded(value: number, digits: number): number {
  return Number(value.toPrecision(digits));
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return rounded((([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10) * power), 6);
}
