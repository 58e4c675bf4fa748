// The shapes of the server's tables, as far as the views show them.

import type { Range } from "../lib/types";

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
}

export interface Quantity {
  name: string;
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
  quantities: Quantity[];
}
