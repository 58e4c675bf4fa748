import type { Question, Schema } from "./types";
import { strings } from "../strings";

/** What the worldview multiplies a coupling's strength by, before the user does. */
export function viewed(state: Question, schema: Schema, id: string): number {
  return schema.worldviews.find((each) => each.id === (state.worldview ?? "evidence"))?.couplings[id] ?? 1;
}

/** What a coupling's strength is multiplied by: the user's own number takes the worldview's place. */
export function multiplier(state: Question, schema: Schema, id: string): number {
  return state.couplings?.[id] ?? viewed(state, schema, id);
}

export function ownCoupling(state: Question, schema: Schema, id: string): boolean {
  return multiplier(state, schema, id) !== viewed(state, schema, id);
}

/** The question with a coupling multiplied; what changes nothing, and what is no number, is taken back. */
export function withCoupling(state: Question, schema: Schema, id: string, value: number): Question {
  const { [id]: _, ...others } = state.couplings ?? {};
  const { low = 0, high = 1 } = schema.couplings.find((each) => each.id === id) ?? {};
  const kept = clamp(value, low, high);
  return without({ ...state, couplings: Number.isNaN(kept) || kept === viewed(state, schema, id) ? others : { ...others, [id]: kept } }, "couplings");
}

export function withParameter(state: Question, id: string, value: number): Question {
  const { [id]: _, ...others } = state.parameters ?? {};
  return without({ ...state, parameters: Number.isFinite(value) ? { ...others, [id]: value } : others }, "parameters");
}

export function withPrior(state: Question, only: boolean): Question {
  const { prior: _, ...rest } = state;
  return only ? { ...rest, prior: true } : rest;
}

/** The question with so many futures; the usual number is left out, so that equal questions stay equal. */
export function withDraws(state: Question, schema: Schema, value: number): Question {
  const { draws: _, ...rest } = state;
  const kept = whole(value, 1, schema.draws.max, schema.draws.default);
  return kept === schema.draws.default ? rest : { ...rest, draws: kept };
}

export function withSeed(state: Question, schema: Schema, value: number): Question {
  const { seed: _, ...rest } = state;
  const kept = whole(value, 0, schema.seed.max, schema.seed.default);
  return kept === schema.seed.default ? rest : { ...rest, seed: kept };
}

/** How many assumptions about the world are the user's own. How many futures are drawn is none. */
export function assumptions(state: Question, schema: Schema): number {
  const couplings = Object.keys(state.couplings ?? {}).filter((id) => ownCoupling(state, schema, id));
  return Object.keys(state.parameters ?? {}).length + couplings.length + (state.prior ? 1 : 0);
}

/** What a reader of any view must know: how many assumptions are fixed, and how the futures are drawn. */
export function notes(state: Question, schema: Schema): string[] {
  const text = strings.assumptions;
  const fixed = assumptions(state, schema);
  const { draws = schema.draws.default, seed = schema.seed.default } = state;
  return [
    ...(fixed > 0 ? [text.count(fixed)] : []),
    ...(draws === schema.draws.default ? [] : [text.futures(draws.toLocaleString("en"), schema.draws.default.toLocaleString("en"))]),
    ...(seed === schema.seed.default ? [] : [text.seedNote(seed, schema.seed.default)]),
  ];
}

/** A record that says nothing is left out. */
function without(state: Question, name: "couplings" | "parameters"): Question {
  const { [name]: found, ...rest } = state;
  return Object.keys(found ?? {}).length > 0 ? state : rest;
}

function whole(value: number, low: number, high: number, otherwise: number): number {
  return Number.isNaN(value) ? otherwise : Math.round(clamp(value, low, high));
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
