import { scaleLinear, scaleLog, type ScaleContinuousNumeric } from "d3-scale";
import { area, line } from "d3-shape";
import { row } from "./frame";
import type { ChartInfo, Drawn, Point } from "./types";

export interface Box { width: number; height: number; top: number; right: number; bottom: number; left: number }
export type Scale = ScaleContinuousNumeric<number, number>;
export interface Window { first: number; last: number; now: number }
export interface Tick { at: number; label: string }

const PERCENTILES = { low: 5, lower: 25, middle: 50, upper: 75, high: 95 };
/** The share of published points at either end that an axis need not reach. */
const FAR = 0.04;
const FIRST_SHOWN = "2022-01";

/** The part of the months that a chart shows, and the last month of evidence in it, as places in the list. */
export function shown(months: string[], now: string): Window {
  const first = Math.max(0, months.indexOf(FIRST_SHOWN));
  return { first, last: months.length - 1, now: Math.max(first, months.indexOf(now)) };
}

/** A decimal year as a place in the list of months; a month's numbers stand at its middle. */
export function placeOf(time: number, months: string[]): number {
  return (time - Number(months[0]?.slice(0, 4))) * 12 - 0.5;
}

export function timeScale(window: Window, box: Box): Scale {
  return scaleLinear([window.first, window.last], [box.left, box.width - box.right]);
}

/** A label at each January; every second one where there is little room. */
export function yearTicks(months: string[], window: Window, width: number): Tick[] {
  const years = months.map((label, at) => ({ label, at })).filter(({ label, at }) => label.endsWith("-01") && at >= window.first);
  const every = width / years.length < 38 ? 2 : 1;
  return years.filter((_, index) => index % every === 0).map(({ label, at }) => ({ at, label: label.slice(0, 4) }));
}

/** The vertical scale that holds all of `drawn` in the window, and the published points. */
export function valueScale(info: ChartInfo, drawn: Drawn[], points: Point[], window: Window, box: Box): Scale {
  const values: number[] = [];
  for (const each of drawn) {
    if (info.kind === "stacked") values.push(0, ...totals(info, each, window));
    else for (const series of Object.values(each.series))
      for (const percentile of [PERCENTILES.low, PERCENTILES.high]) values.push(...inside(row(series, percentile), window));
  }
  // A few far estimates would press what is drawn into a corner; the caption counts those beyond the axis.
  const several = points.map((point) => point.value).sort((one, other) => one - other);
  values.push(...several.slice(Math.ceil(several.length * FAR), several.length - Math.ceil(several.length * FAR) || undefined));
  const log = info.scale === "log";
  const known = values.filter((value) => Number.isFinite(value) && (!log || value > 0));
  const low = known.length > 0 ? Math.min(...known) : log ? 1 : 0;
  const high = known.length > 0 ? Math.max(...known) : 1;
  const span: [number, number] = [box.height - box.bottom, box.top];
  if (log) return scaleLog([low / 1.1, high * 1.1], span);
  // Nothing is a place that readers look for, unless it is far away.
  const floor = low > 0 && low < high / 3 ? 0 : low;
  return scaleLinear([floor, high === floor ? floor + 1 : high], span).nice(5);
}

export function within(value: number, scale: Scale): boolean {
  const [low = 0, high = 0] = scale.domain();
  return value >= low && value <= high;
}

export function valueTicks(scale: Scale, log: boolean): number[] {
  if (!log) return scale.ticks(5);
  const [low = 1, high = 10] = scale.domain();
  const all: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1)
    for (const step of high / low > 500 ? [1] : [1, 2, 5]) all.push(step * 10 ** power);
  const fitting = all.filter((each) => each >= low && each <= high);
  return fitting.filter((_, index) => index % Math.ceil(fitting.length / 6) === 0);
}

export function linePath(values: ArrayLike<number>, from: number, to: number, x: Scale, y: Scale): string {
  return line<number>((at) => x(at), (at) => y(values[at] ?? NaN)).defined(known(values, y))(places(from, to)) ?? "";
}

export function bandPath(low: ArrayLike<number>, high: ArrayLike<number>, from: number, to: number, x: Scale, y: Scale): string {
  const both = (at: number) => known(low, y)(at) && known(high, y)(at);
  return area<number>((at) => x(at), (at) => y(low[at] ?? NaN), (at) => y(high[at] ?? NaN)).defined(both)(places(from, to)) ?? "";
}

export interface Fan { id: string; past: Bands; future: Bands; ends: { percentile: number; value: number }[] }
export interface Bands { outer: string; inner: string; middle: string }

export function fans(info: ChartInfo, drawn: Drawn, window: Window, x: Scale, y: Scale): Fan[] {
  return info.series.map(({ id }) => {
    const series = drawn.series[id];
    const at = (percentile: number) => row(series, percentile);
    const bands = (from: number, to: number): Bands => ({
      outer: bandPath(at(PERCENTILES.low), at(PERCENTILES.high), from, to, x, y),
      inner: bandPath(at(PERCENTILES.lower), at(PERCENTILES.upper), from, to, x, y),
      middle: linePath(at(PERCENTILES.middle), from, to, x, y),
    });
    return {
      id,
      past: bands(window.first, window.now),
      future: bands(window.now, window.last),
      ends: (series?.percentiles ?? []).map((percentile) => ({ percentile, value: at(percentile)[window.last] ?? NaN })),
    };
  });
}

export interface Layer { id: string; path: string; end: number }

/** The medians of a chart's series on top of each other, the first at the bottom. */
export function layers(info: ChartInfo, drawn: Drawn, window: Window, x: Scale, y: Scale): Layer[] {
  let floor = new Float64Array(window.last + 1);
  return info.series.map(({ id }) => {
    const values = row(drawn.series[id], PERCENTILES.middle);
    const roof = floor.map((each, at) => each + (values[at] ?? 0));
    const layer = { id, path: bandPath(floor, roof, window.first, window.last, x, y), end: ((floor[window.last] ?? 0) + (roof[window.last] ?? 0)) / 2 };
    floor = roof;
    return layer;
  });
}

export function totals(info: ChartInfo, drawn: Drawn, window: Window): number[] {
  const rows = info.series.map(({ id }) => row(drawn.series[id], PERCENTILES.middle));
  return places(0, window.last).map((at) => (at < window.first ? 0 : rows.reduce((sum, values) => sum + (values[at] ?? 0), 0)));
}

/** Places moved as little as keeps them `gap` apart and within `low` and `high`, in the order given. */
export function spread(wanted: number[], gap: number, low: number, high: number): number[] {
  const order = wanted.map((_, index) => index).sort((one, other) => (wanted[one] ?? 0) - (wanted[other] ?? 0));
  const result = [...wanted];
  let least = low;
  for (const index of order) {
    result[index] = Math.max(result[index] ?? 0, least);
    least = (result[index] ?? 0) + gap;
  }
  let most = high;
  for (const index of order.reverse()) {
    result[index] = Math.min(result[index] ?? 0, most);
    most = (result[index] ?? 0) - gap;
  }
  return result;
}

function known(values: ArrayLike<number>, y: Scale): (at: number) => boolean {
  return (at) => Number.isFinite(y(values[at] ?? NaN));
}

function inside(values: ArrayLike<number>, window: Window): number[] {
  return Array.from(values).slice(window.first, window.last + 1);
}

function places(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}
