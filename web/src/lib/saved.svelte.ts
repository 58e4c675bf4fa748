import { sorted } from "./codec";
import type { Question } from "./types";
import { strings } from "../strings";

export interface Saved { name: string; state: Question }

const PLACE = "fourfronts.saved";
export const MOST = 3;

/** Settings kept for comparison, in this browser alone. */
class Shelf {
  all = $state.raw<Saved[]>(read());

  add(name: string, state: Question): void {
    // Charts and date are how one looks, not what one compares.
    const { charts: _, date: __, ...kept } = sorted(state);
    this.#write([...this.all, { name: distinct(name, this.all.map((each) => each.name)), state: kept }].slice(-MOST));
  }
  rename(place: number, name: string): void {
    this.#write(this.all.map((each, index) => (index === place ? { ...each, name } : each)));
  }
  remove(place: number): void {
    this.#write(this.all.filter((_, index) => index !== place));
  }

  #write(all: Saved[]): void {
    this.all = all;
    try {
      localStorage.setItem(PLACE, JSON.stringify(all));
    } catch {
      // A browser that keeps nothing still compares until the page is closed.
    }
  }
}

/** A name that no other setting has, so that columns of one name can be told apart. */
export function distinct(name: string, taken: string[]): string {
  for (let count = 1; ; count += 1) {
    const tried = count === 1 ? name : strings.compare.again(name, count);
    if (!taken.includes(tried)) return tried;
  }
}

function read(): Saved[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(PLACE) ?? "[]");
    return Array.isArray(found) ? (found as Saved[]).filter((each) => typeof each?.name === "string" && typeof each.state === "object").slice(0, MOST) : [];
  } catch {
    return [];
  }
}

export const shelf = new Shelf();
