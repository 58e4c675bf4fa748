import type { Problem } from "./types";
import { strings } from "../strings";

export const BASE = "./api/v1";

export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.title);
  }
}

async function checked(response: Response): Promise<Response> {
  if (response.ok) return response;
  const problem = (await response.json().catch(() => null)) as Problem | null;
  throw new Refused(problem?.title ? problem : { title: strings.problem.status(response.status) });
}

export async function get<Found>(path: string, query: Record<string, string | number | undefined> = {}): Promise<Found> {
  const asked = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined && value !== "") asked.set(key, String(value));
  const tail = asked.size > 0 ? `?${asked}` : "";
  return (await checked(await fetch(`${BASE}/${path}${tail}`))).json() as Promise<Found>;
}

export async function post(path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  const asked: RequestInit = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  if (signal) asked.signal = signal;
  return checked(await fetch(`${BASE}/${path}`, asked));
}

/** A long analysis: lines of progress, then the finding. */
export async function analyse<Finding>(kind: string, body: unknown, progress: (line: string) => void, signal: AbortSignal): Promise<Finding> {
  const response = await post(`analyses/${kind}`, body, signal);
  if (!response.body) throw new Refused({ title: strings.problem.empty });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    rest += value ?? "";
    const lines = rest.split("\n");
    rest = done ? "" : (lines.pop() ?? "");
    for (const line of lines.filter((each) => each.trim())) {
      const said = JSON.parse(line) as { progress?: string; finding?: Finding; problem?: Problem };
      if (said.problem) throw new Refused(said.problem);
      if (said.finding !== undefined) return said.finding;
      if (said.progress !== undefined) progress(said.progress);
    }
    if (done) throw new Refused({ title: strings.problem.empty });
  }
}

export function words(error: unknown): string {
  return error instanceof Refused ? error.message : strings.problem.unreachable;
}
