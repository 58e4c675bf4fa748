/** Names of the colours in styles.css: those of Okabe and Ito, told apart with every common kind of colour blindness. */
const KNOWN: Record<string, string> = {
  allied: "blue", prc: "vermillion", rest: "green",
  domestic: "blue", legal: "sky", diverted: "vermillion", rented: "orange",
  drift: "blue", hold: "green", loosen: "vermillion", none: "purple",
};
const SPARE = ["blue", "orange", "green", "purple", "sky", "vermillion"];

/** A colour for every id; those with a fixed meaning always have the same. */
export function colours(ids: string[]): Record<string, string> {
  const taken = ids.map((id) => KNOWN[id]);
  const free = SPARE.filter((colour) => !taken.includes(colour));
  let next = 0;
  return Object.fromEntries(ids.map((id) => [id, KNOWN[id] ?? free[next++ % free.length] ?? "blue"]));
}
