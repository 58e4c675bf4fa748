import { strings } from "../strings";

/** A number as people read it: two or three figures that count, thousands apart. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return strings.none;
  // A true minus is as wide as a digit.
  if (value < 0) return `−${number(-value)}`;
  const size = Math.abs(value);
  if (size >= 1e9) return `${trimmed(value / 1e9)} bn`;
  if (size >= 1e6) return `${trimmed(value / 1e6)} M`;
  if (size >= 100) return Math.round(value).toLocaleString("en");
  if (size >= 1) return value.toFixed(1);
  return size === 0 ? "0" : trimmed(value);
}

/** A tick of an axis: short. */
export function tick(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e9) return `${trimmed(value / 1e9)}bn`;
  if (size >= 1e6) return `${trimmed(value / 1e6)}M`;
  if (size >= 1e4) return `${trimmed(value / 1e3)}k`;
  return size >= 1000 ? value.toLocaleString("en") : trimmed(value);
}

/** A level of a lever, in full. */
export function level(value: number): string {
  return Math.abs(value) >= 1000 ? value.toLocaleString("en") : trimmed(value);
}

export function percent(value: number): string {
  if (!Number.isFinite(value)) return strings.none;
  const hundred = value * 100;
  if (hundred > 0 && hundred < 1) return "<1%";
  if (hundred < 100 && hundred > 99) return ">99%";
  return `${Math.round(hundred)}%`;
}

export function unit(name: string): string {
  return name === "dimensionless" ? "" : name.replaceAll("_", " ");
}

/** "2027-01" in words. */
export function month(label: string): string {
  const [year, number] = label.split("-");
  return `${strings.months[Number(number) - 1] ?? ""} ${year}`;
}

function trimmed(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** A label that fits where there is little room. */
export function cut(label: string, letters: number): string {
  return label.length <= letters ? label : `${label.slice(0, letters - 1).trimEnd()}…`;
}

/** Words in lines of so many letters at most, where words allow. */
export function wrap(text: string, letters: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < letters) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
