import type { Point } from "./types";

/** Shapes for methods of measurement, told apart without colour. */
const SHAPES: ((x: number, y: number, r: number) => string)[] = [
  (x, y, r) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`,
  (x, y, r) => `M${x} ${y - 1.3 * r}l${1.3 * r} ${1.3 * r}l${-1.3 * r} ${1.3 * r}l${-1.3 * r} ${-1.3 * r}z`,
  (x, y, r) => `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}z`,
  (x, y, r) => `M${x} ${y - 1.2 * r}l${1.2 * r} ${2.1 * r}h${-2.4 * r}z`,
  (x, y, r) => `M${x - r} ${y}h${2 * r}M${x} ${y - r}v${2 * r}z`,
  (x, y, r) => `M${x} ${y + 1.2 * r}l${1.2 * r} ${-2.1 * r}h${-2.4 * r}z`,
  (x, y, r) => `M${x - r} ${y - r}l${2 * r} ${2 * r}M${x + r} ${y - r}l${-2 * r} ${2 * r}z`,
];
const RADIUS = 3;

export interface Marks { method: string; series: string; shapes: string; ranges: string }

export function shape(index: number, x: number, y: number, radius = RADIUS): string {
  return SHAPES[index % SHAPES.length]?.(round(x), round(y), radius) ?? "";
}

export function methods(points: Point[]): string[] {
  return [...new Set(points.map((each) => each.method))];
}

/** Two paths for each method and series, rather than two elements for each point: they move with every answer. */
export function marks(points: Point[], all: string[], x: (point: Point) => number, y: (value: number) => number): Marks[] {
  const found = new Map<string, Marks>();
  for (const point of points) {
    const key = `${point.method}|${point.series}`;
    const each = found.get(key) ?? { method: point.method, series: point.series, shapes: "", ranges: "" };
    const at = x(point);
    each.shapes += shape(all.indexOf(point.method), at, y(point.value));
    if (point.low !== point.high) each.ranges += `M${round(at)} ${round(y(point.low))}V${round(y(point.high))}`;
    found.set(key, each);
  }
  return [...found.values()];
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
