import type { Question } from "./types";

/** What a link says: the question, the view, and the version and model that it was made with. */
export interface Link {
  state: Question;
  view: string;
  version: string;
  model: string;
  embed: boolean;
}

const DIGEST_SHOWN = 12;

async function through(bytes: Uint8Array<ArrayBuffer>, stream: GenericTransformStream): Promise<Uint8Array<ArrayBuffer>> {
  const source = new Blob([bytes]).stream().pipeThrough(stream as ReadableWritablePair<Uint8Array, Uint8Array<ArrayBuffer>>);
  return new Uint8Array(await new Response(source).arrayBuffer());
}

export async function pack(state: Question): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(sorted(state)));
  const deflated = await through(bytes, new CompressionStream("deflate-raw"));
  const text = Array.from(deflated, (byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

export async function unpack(text: string): Promise<Question> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  const inflated = await through(bytes, new DecompressionStream("deflate-raw"));
  const state: unknown = JSON.parse(new TextDecoder().decode(inflated));
  if (typeof state !== "object" || state === null || Array.isArray(state)) throw new TypeError("not a question");
  return state as Question;
}

/** The fragment of a link. Equal states give equal links. */
export async function toFragment(link: Link): Promise<string> {
  const parts = new URLSearchParams();
  if (link.view && link.view !== "main") parts.set("view", link.view);
  if (Object.keys(link.state).length > 0) {
    parts.set("s", await pack(link.state));
    parts.set("v", link.version);
    parts.set("m", link.model.slice(0, DIGEST_SHOWN));
  }
  if (link.embed) parts.set("embed", "1");
  return parts.toString();
}

export async function fromFragment(fragment: string): Promise<Link> {
  const parts = new URLSearchParams(fragment.replace(/^#/, ""));
  const packed = parts.get("s");
  return {
    state: packed ? await unpack(packed) : {},
    view: parts.get("view") ?? "main",
    version: parts.get("v") ?? "",
    model: parts.get("m") ?? "",
    embed: parts.get("embed") === "1",
  };
}

/** Whether a link was made with another model than the one that answers now. */
export function outdated(link: Link, model: string): boolean {
  return link.model !== "" && !model.startsWith(link.model);
}

/** The question without what says nothing, its keys in alphabetical order at every depth. */
export function sorted(value: Question): Question {
  return order(value) as Question;
}

function order(value: unknown): unknown {
  if (Array.isArray(value) || typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value)
    .filter(([, each]) => each !== undefined && !(isRecord(each) && Object.keys(each).length === 0))
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(kept.map(([key, each]) => [key, order(each)]));
}

function isRecord(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
