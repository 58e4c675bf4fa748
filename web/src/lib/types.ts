// The contract with the server, as this page reads it.

export interface Setting { level: number; start: string; ramp_months: number }
/** A setting as a question has it; without a start it begins as the package has it. */
export interface Change { level: number; start?: string | null; ramp_months?: number | null }

/** A question to the model. Whatever is left out takes the server's default. */
export interface Question {
  package?: string;
  levers?: Record<string, Change>;
  worldview?: string;
  prior?: boolean;
  couplings?: Record<string, number>;
  parameters?: Record<string, number>;
  draws?: number;
  seed?: number;
  date?: string;
  charts?: string[];
}

export interface Named { id: string; label: string }
export interface Mark { package: string; level: number }

export interface Lever extends Named {
  group: string;
  unit: string;
  low: number;
  high: number;
  today: number;
  earliest_start: string;
  default_start: string;
  default_ramp_months: number;
  meaning: string;
  reacts: string;
  pulled_by: string;
  cost: string;
  evidence: string[];
  answers_others?: boolean;
  why?: string;
  marks: Mark[];
}

export interface Package extends Named {
  description: string;
  levers: Record<string, Change>;
}
/** `couplings`: what the worldview itself multiplies strengths by. */
export interface Worldview extends Named { description: string; rationale: string; couplings: Record<string, number> }
/** One front's effect on another. `low` and `high`: what its strength may be multiplied by. */
export interface Coupling extends Named { loop: string; low: number; high: number; meaning: string; unit: string; judgement: boolean; evidence: string[]; why: string }

export interface ChartInfo {
  id: string;
  title: string;
  unit: string;
  scale: "linear" | "log";
  kind: "fan" | "stacked";
  series: Named[];
  published: boolean;
  about: string;
  sources: string[];
}

export interface Front extends Named { margin_label: string; margin_unit: string }

export interface Schema {
  version: string;
  evidence_cutoff: string;
  evidence_digest: string;
  model_digest: string;
  basis: string;
  months: string[];
  now: string;
  draws: { default: number; max: number };
  seed: { default: number; max: number };
  ramp_months: { max: number };
  groups: Named[];
  levers: Lever[];
  packages: Package[];
  worldviews: Worldview[];
  couplings: Coupling[];
  charts: ChartInfo[];
  scenarios: (Named & { tests: unknown[] })[];
  fronts: Front[];
}

export interface Range { p05: number; p25?: number; p50: number; p75?: number; p95: number }

/** Percentiles by month: one row of `rows` for each of `percentiles`. */
export interface Series { percentiles: number[]; rows: ArrayLike<number>[] }
export interface Drawn { series: Record<string, Series>; description: string }

export interface FrontAnswer {
  id: string;
  allied?: number;
  prc?: number;
  rest?: number;
  margin: Range | null;
  words: string;
}

export interface Answer {
  state: Question;
  headline: { date: string; lead: Range; scenarios: Record<string, number>; scenario_date?: string; standard_error: number };
  fronts: FrontAnswer[];
  charts: Record<string, Drawn>;
  seconds: number;
}

export interface Problem { title: string; detail?: string; status?: number; field?: string }

/** A published figure that is drawn over a chart. `time` is a decimal year, values are in the chart's unit. */
export interface Point {
  id: string;
  series: string;
  method: string;
  time: number;
  as_of: string;
  value: number;
  low: number;
  high: number;
  bound: string | null;
  label: string;
  source: string;
  url: string;
  grade: string;
}
