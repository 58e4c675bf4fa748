import { wrap } from "./format";
import { row } from "./frame";
import type { ChartInfo, Drawn, Series } from "./types";

/** Hands a file to the reader. */
export function save(name: string, content: BlobPart, type: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** One line a month and, of each series, one column a percentile. */
export function toCsv(info: ChartInfo, drawn: Drawn, months: string[]): string {
  const series = info.series.map((each) => ({ ...each, found: drawn.series[each.id] }));
  const percentiles = (found: Series | undefined) => found?.percentiles ?? [];
  const head = series.flatMap(({ id, found }) => percentiles(found).map((percentile) => `${id}_p${String(percentile).padStart(2, "0")}`));
  const lines = months.map((month, at) => [month, ...series.flatMap(({ found }) => percentiles(found).map((each) => shortest(row(found, each)[at])))]);
  return [["month", ...head], ...lines].map((line) => line.map(cell).join(",")).join("\n") + "\n";
}

function cell(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function shortest(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? "" : String(Number(value.toPrecision(6)));
}

const SHOWN = ["fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width", "stroke-dasharray", "opacity", "font-family", "font-size", "font-weight", "text-anchor", "paint-order", "stroke-linejoin"];
const FOOT = 18;
const PAD = 12;
/** The width of a letter of the notes, on the safe side. */
const LETTER = 6.2;

/** A copy of a chart that looks the same without the page's style sheet, with its title and its sources. */
export function standalone(chart: SVGSVGElement, title: string, notes: string[]): SVGSVGElement {
  const copy = chart.cloneNode(true) as SVGSVGElement;
  const from = [chart, ...chart.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((each, index) => {
    const style = getComputedStyle(from[index] as Element);
    for (const name of SHOWN) each.setAttribute(name, style.getPropertyValue(name));
    each.removeAttribute("class");
  });
  const { width, height } = chart.getBoundingClientRect();
  const lines = notes.flatMap((note) => wrap(note, width / LETTER));
  const page = getComputedStyle(document.documentElement);
  const [paper, ink, muted] = ["--paper", "--ink", "--muted"].map((name) => page.getPropertyValue(name).trim()) as [string, string, string];
  const inner = make("g", { transform: `translate(${PAD} 34)` });
  inner.append(...copy.childNodes);
  const size = [width + 2 * PAD, height + 44 + FOOT * lines.length] as const;
  copy.append(
    make("rect", { width: size[0], height: size[1], fill: paper }),
    text(title, { x: PAD, y: 22, fill: ink, "font-size": 15, "font-weight": 600 }),
    inner,
    ...lines.map((line, index) => text(line, { x: PAD, y: height + 48 + FOOT * index, fill: muted, "font-size": 11 })),
  );
  for (const [name, value] of Object.entries({ xmlns: "http://www.w3.org/2000/svg", width: size[0], height: size[1], viewBox: `0 0 ${size[0]} ${size[1]}` }))
    copy.setAttribute(name, String(value));
  return copy;
}

function make(name: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

function text(words: string, attributes: Record<string, string | number>): SVGElement {
  const made = make("text", { ...attributes, "font-family": "sans-serif" });
  made.textContent = words;
  return made;
}

/**
 * Paints a standalone chart. The content security policy forbids pictures from memory, so that the usual way, an image
 * of the SVG, is closed; what our charts consist of is few enough to paint one by one.
 */
export function toPng(chart: SVGSVGElement, scale = 2): Promise<Blob | null> {
  const canvas = document.createElement("canvas");
  canvas.width = Number(chart.getAttribute("width")) * scale;
  canvas.height = Number(chart.getAttribute("height")) * scale;
  const pen = canvas.getContext("2d");
  if (!pen) return Promise.resolve(null);
  pen.scale(scale, scale);
  for (const child of chart.children) paint(pen, child);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

function paint(pen: CanvasRenderingContext2D, element: Element): void {
  const get = (name: string, otherwise = "") => element.getAttribute(name) ?? otherwise;
  const amount = (name: string) => Number.parseFloat(get(name, "0")) || 0;
  pen.save();
  const moved = /translate\(\s*([-\d.]+)[ ,]+([-\d.]+)/.exec(get("transform"));
  if (moved) pen.translate(Number(moved[1]), Number(moved[2]));
  const turned = /rotate\(\s*([-\d.]+)/.exec(get("transform"));
  if (turned) pen.rotate((Number(turned[1]) * Math.PI) / 180);
  pen.globalAlpha *= Number(get("opacity", "1"));
  pen.lineWidth = amount("stroke-width");
  pen.setLineDash(get("stroke-dasharray").split(/[ ,]+/).map(Number.parseFloat).filter(Number.isFinite));
  if (element.tagName === "text") paintText(pen, element, get, amount);
  else {
    const shape = outline(element.tagName, get, amount);
    if (shape) filled(pen, get, () => pen.fill(shape), () => pen.stroke(shape));
  }
  if (element.tagName === "g") for (const child of element.children) paint(pen, child);
  pen.restore();
}

type Get = (name: string, otherwise?: string) => string;
type Amount = (name: string) => number;

function outline(tag: string, get: Get, amount: Amount): Path2D | undefined {
  const shape = new Path2D(tag === "path" ? get("d") : undefined);
  if (tag === "rect") shape.rect(amount("x"), amount("y"), amount("width"), amount("height"));
  else if (tag === "circle") shape.arc(amount("cx"), amount("cy"), amount("r"), 0, 2 * Math.PI);
  else if (tag === "line") {
    shape.moveTo(amount("x1"), amount("y1"));
    shape.lineTo(amount("x2"), amount("y2"));
  } else if (tag !== "path") return undefined;
  return shape;
}

function paintText(pen: CanvasRenderingContext2D, element: Element, get: Get, amount: Amount): void {
  pen.font = `${get("font-weight", "400")} ${get("font-size", "12px").replace(/^([\d.]+)$/, "$1px")} ${get("font-family", "sans-serif")}`;
  pen.textAlign = ({ middle: "center", end: "right" } as const)[get("text-anchor")] ?? "left";
  const words = element.textContent ?? "";
  filled(pen, get, () => pen.fillText(words, amount("x"), amount("y")), () => pen.strokeText(words, amount("x"), amount("y")), true);
}

function filled(pen: CanvasRenderingContext2D, get: Get, fill: () => void, stroke: () => void, strokeFirst = false): void {
  const alpha = pen.globalAlpha;
  const inside = () => {
    pen.globalAlpha = alpha * Number(get("fill-opacity", "1"));
    pen.fillStyle = get("fill", "#000");
    if (get("fill") !== "none") fill();
  };
  const edge = () => {
    pen.globalAlpha = alpha * Number(get("stroke-opacity", "1"));
    pen.strokeStyle = get("stroke", "none");
    if (get("stroke", "none") !== "none" && pen.lineWidth > 0) stroke();
  };
  for (const act of strokeFirst ? [edge, inside] : [inside, edge]) act();
}
