import type { Answer, Problem, Series } from "./types";

/** `request` is null where the server could not read what it was asked. */
export interface Reply { request: number | null; answer?: Answer; problem?: Problem }

interface Place { offset: number; shape: number[] }
type Values = Place | (number | null)[][];
interface Raw { request: number | null; answer?: RawAnswer; problem?: Problem }
type RawSeries = { percentiles: number[]; values: Values };
type RawAnswer = Omit<Answer, "charts"> & {
  charts: Record<string, { description: string; series: Record<string, RawSeries> }>;
};

/** A frame: header length (uint32), the header as JSON, then float32 numbers that the header points into. */
export function decodeFrame(buffer: ArrayBuffer): Reply {
  if (buffer.byteLength < 4) throw new RangeError("a frame of less than four bytes");
  const length = new DataView(buffer).getUint32(0, true);
  if (length > buffer.byteLength - 4) throw new RangeError("a header longer than its frame");
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length))) as Raw;
  const start = 4 + length;
  const data = new Float32Array(buffer, start, Math.floor((buffer.byteLength - start) / 4));
  if (header.answer) return { request: header.request, answer: readAnswer(header.answer, data) };
  return header.problem ? { request: header.request, problem: header.problem } : { request: header.request };
}

/** The JSON twin of an answer has its numbers in place; a frame's are in `data`. */
export function readAnswer(raw: RawAnswer, data: Float32Array = new Float32Array()): Answer {
  const charts: Answer["charts"] = {};
  for (const [id, chart] of Object.entries(raw.charts)) {
    const series: Record<string, Series> = {};
    for (const [key, each] of Object.entries(chart.series))
      series[key] = { percentiles: each.percentiles, rows: rowsOf(each.values, data) };
    charts[id] = { description: chart.description, series };
  }
  return { ...raw, charts };
}

function rowsOf(values: Values, data: Float32Array): ArrayLike<number>[] {
  if (Array.isArray(values)) return values.map((row) => Float32Array.from(row, (each) => each ?? NaN));
  const width = values.shape.at(-1) ?? 0;
  const count = values.shape.slice(0, -1).reduce((product, each) => product * each, 1);
  if (values.offset + width * count > data.length) throw new RangeError("numbers missing from a frame");
  return Array.from({ length: count }, (_, row) => {
    const first = values.offset + row * width;
    return data.subarray(first, first + width);
  });
}

/** The row of one percentile, or the only row there is. */
export function row(series: Series | undefined, percentile: number): ArrayLike<number> {
  if (!series) return [];
  const place = series.percentiles.indexOf(percentile);
  return series.rows[place >= 0 ? place : 0] ?? [];
}
