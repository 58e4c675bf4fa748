// The shapes of the server's tables, as far as the views show them.

import type { Question, Range } from "../lib/types";

export interface Row {
  id: string;
  quantity: string;
  actor: string;
  value: number | null;
  low: number | null;
  high: number | null;
  unit: string;
  value_text: string;
  as_of: string;
  grade: string;
  source: string;
  url: string;
  source_date: string;
  note: string;
  after_cutoff: boolean;
  used_by: string[];
}

export interface Parameter {
  id: string;
  mechanism: string;
  meaning: string;
  unit: string;
  prior_words: string;
  prior: Range;
  posterior: Range | null;
  low: number;
  high: number;
  judgement: boolean;
  evidence: string[];
  why: string;
}

export interface Part { says: string; verdict: string; reads: string }
export interface Figure extends Range { label: string; unit: string }
/** A run that a claim is judged by, and the question of this page that has the same futures, if there is one. */
export interface Run { name: string; label: string; state: Question | null }
export interface Claim {
  number: number;
  label: string;
  text: string;
  verdict: string;
  findings: Figure[];
  changes: string;
  caveat: string;
  holds_if: string;
  why: string;
  evidence: string[];
  parts: Part[];
  runs: Run[];
}

/** A figure that came after a cut-off, and the 5th, 25th, 50th, 75th and 95th percentile of its forecast. */
export interface Forecast { cutoff: string; month: string; value: number; percentiles: [number, number, number, number, number] }
export interface Quantity {
  name: string;
  unit: string;
  scale: "linear" | "log" | "odds";
  forecasts: Forecast[];
  label: string;
  figures: number;
  coverage_50: number;
  coverage_90: number;
  best_baseline: string | null;
  skill: (number | null)[] | null;
}
export interface Backtest {
  figures: number;
  cutoffs: string[];
  coverage_50: number;
  coverage_90: number;
  no_worse_than_best_baseline: number;
  compared: number;
  /** Where each figure fell among its forecast's futures, from 0 to 1. */
  ranks: number[];
  quantities: Quantity[];
}
