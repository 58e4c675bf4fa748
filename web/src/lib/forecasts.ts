import { scaleLinear, scaleLog } from "d3-scale";
import type { Scale } from "./geometry";
import { valueTicks } from "./geometry";
import type { Forecast, Quantity } from "../views/tables";

export interface Panel { quantity: Quantity; forecasts: Forecast[]; inside: number }

/** Whether a figure fell within the 90% range of its forecast. */
export function hit({ value, percentiles: [low, , , , high] }: Forecast): boolean {
  return value >= low && value <= high;
}

/** The quantities that were forecast at a cut-off, those with most later figures first. */
export function panels(quantities: Quantity[], cutoff: string): Panel[] {
  return quantities
    .map((quantity) => {
      const forecasts = quantity.forecasts.filter((each) => each.cutoff === cutoff);
      return { quantity, forecasts, inside: forecasts.filter(hit).length };
    })
    .filter((each) => each.forecasts.length > 0)
    .sort((one, other) => other.forecasts.length - one.forecasts.length);
}

/** A month "2025-06" as a decimal year, at its middle. */
export function year(month: string): number {
  const [whole = 0, part = 1] = month.split("-").map(Number);
  return whole + (part - 0.5) / 12;
}

/** Vertical scale of a panel: all figures and ranges fit; a logarithm where the series is read so and nothing is nought. */
export function scale(panel: Panel, bottom: number, top: number): { y: Scale; ticks: number[] } {
  const values = panel.forecasts.flatMap((each) => [each.value, each.percentiles[0], each.percentiles[4]]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (panel.quantity.scale === "log" && low > 0) {
    const y = scaleLog([low / 1.15, high * 1.15], [bottom, top]);
    const ticks = valueTicks(y, true);
    return { y, ticks: ticks.length > 4 ? ticks.filter((_, index) => index % 2 === 0) : ticks.length > 0 ? ticks : [low, high] };
  }
  const y = scaleLinear([low, high === low ? low + 1 : high], [bottom, top]).nice(3);
  return { y, ticks: y.ticks(3) };
}

/** Shares of ranks in each tenth. A rank of 1 belongs to the last. */
export function tenths(ranks: number[]): number[] {
  const counts = Array.from({ length: 10 }, () => 0);
  for (const rank of ranks) counts[Math.min(9, Math.floor(rank * 10))]! += 1;
  return counts.map((count) => count / Math.max(1, ranks.length));
}
