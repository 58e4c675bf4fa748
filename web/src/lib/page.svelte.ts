import { BASE, get, post, words } from "./api";
import { fromFragment, outdated, toFragment } from "./codec";
import { readAnswer, type Reply } from "./frame";
import { History } from "./history";
import { Live, type Connection } from "./live";
import type { Answer, Point, Question, Schema } from "./types";
import { strings } from "../strings";

export const VIEWS = ["main", "compare", "why", "evidence", "claims", "backtest", "assumptions"] as const;
export type View = (typeof VIEWS)[number];

const DEFAULT_CHARTS = ["lead", "compute_by_channel"];
const DEFAULT_PACKAGE = "drift";
const DEFAULT_WORLDVIEW = "evidence";

/** What the page knows: the question, its answer, the answer before the last change, and how things stand. */
class Page {
  schema = $state.raw<Schema>();
  state = $state.raw<Question>({});
  answer = $state.raw<Answer>();
  ghost = $state.raw<Answer>();
  published = $state.raw<Record<string, Point[]>>({});
  connection = $state<Connection>("connecting");
  busy = $state(false);
  problem = $state("");
  notice = $state("");
  view = $state<View>("main");
  embed = $state(false);
  lever = $state("");
  /** The row of evidence that is open over the page. */
  row = $state("");
  undoable = $state(false);
  redoable = $state(false);

  #history = new History<Question>({});
  #live: Live | undefined;
  /** What the ghost is the answer to, also while that is asked for. */
  #before: Question | undefined;
  #moving = false;
  #key = "";
  #when = 0;

  get package(): string {
    return this.state.package ?? DEFAULT_PACKAGE;
  }
  get worldview(): string {
    return this.state.worldview ?? DEFAULT_WORLDVIEW;
  }
  get charts(): string[] {
    const known = this.schema?.charts.map((each) => each.id) ?? [];
    const wanted = (this.state.charts ?? []).filter((id) => known.includes(id));
    return [0, 1].map((place) => wanted[place] ?? DEFAULT_CHARTS[place] ?? "").filter((id) => known.includes(id));
  }
  get date(): string {
    return this.state.date ?? this.schema?.months.at(-1) ?? "";
  }
  get question(): Question {
    return { ...this.state, package: this.package, charts: this.charts };
  }

  async start(): Promise<void> {
    for (;;) {
      try {
        this.schema = await get<Schema>("schema");
        break;
      } catch (error) {
        this.problem = words(error);
        this.connection = "lost";
        await new Promise((done) => setTimeout(done, 1500));
      }
    }
    this.problem = "";
    await this.#read();
    addEventListener("popstate", () => void this.#read());
    const address = new URL(`${BASE}/live`, location.href.replace(/#.*/, ""));
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    this.#live = new Live(address.href, { reply: (reply) => this.#reply(reply), connection: (state) => this.#connected(state) });
    this.#ask();
  }

  /** A change that still goes on, as while a slider is dragged. The answer before it stays as the ghost. */
  preview(state: Question, key = ""): void {
    const together = key !== "" && key === this.#key && Date.now() - this.#when < this.#history.together;
    if (!this.#moving && !together) this.#haunt();
    this.#moving = true;
    this.state = state;
    this.#ask();
  }

  /** A change that is done. Those with one `key` in quick succession are one step of undo. */
  commit(state: Question = this.state, key = ""): void {
    if (JSON.stringify(state) === JSON.stringify(this.#history.now)) {
      this.#moving = false;
      return;
    }
    this.preview(state, key);
    this.#moving = false;
    this.#key = key;
    this.#when = Date.now();
    this.#history.push(state, key);
    this.#settle();
  }

  undo(): void {
    this.#jump(this.#history.undo());
  }
  redo(): void {
    this.#jump(this.#history.redo());
  }
  reset(): void {
    const { charts, date } = this.state;
    this.commit({ ...(charts ? { charts } : {}), ...(date ? { date } : {}) });
  }

  choosePackage(id: string): void {
    const { levers: _, package: __, ...rest } = this.state;
    this.commit(id === DEFAULT_PACKAGE ? rest : { ...rest, package: id });
  }
  chooseWorldview(id: string): void {
    const { worldview: _, ...rest } = this.state;
    this.commit(id === DEFAULT_WORLDVIEW ? rest : { ...rest, worldview: id });
  }
  chooseChart(place: number, id: string): void {
    this.#look({ ...this.state, charts: this.charts.map((each, index) => (index === place ? id : each)) });
  }
  chooseDate(date: string): void {
    this.#look({ ...this.state, date });
  }

  /** Another question on the main view, with what it is to be held against as the ghost. */
  open(question: Question, before: Question): void {
    const { charts, date } = this.state;
    const look = { ...(charts ? { charts } : {}), ...(date ? { date } : {}) };
    const state = { ...question, ...look };
    this.commit(state);
    this.#compare(state, JSON.stringify(before) === JSON.stringify(question) ? undefined : before);
    this.show("main");
  }

  show(view: View): void {
    if (view === this.view) return;
    this.view = view;
    // Each view begins at its top, where it says what is changed.
    document.querySelector("main")?.scrollTo(0, 0);
    void this.link().then((link) => history.pushState(null, "", link));
  }

  async link(embed = false): Promise<string> {
    const { version = "", model_digest: model = "" } = this.schema ?? {};
    const fragment = await toFragment({ state: this.state, view: embed ? "main" : this.view, version, model, embed });
    return `${location.href.replace(/#.*/, "")}${fragment ? `#${fragment}` : ""}`;
  }

  /** Another way to look at the same futures: the ghost stays that of the last change, looked at in the same way. */
  #look(state: Question): void {
    const before = this.#before;
    this.commit(state);
    this.#compare(state, before);
  }

  /** The answer to another question as the ghost, looked at as `state` is. */
  #compare(state: Question, before: Question | undefined): void {
    this.#before = before;
    this.ghost = undefined;
    if (!before) return;
    post("simulate", { ...before, charts: this.charts, date: this.date })
      .then(async (response) => {
        const found = readAnswer(await response.json());
        if (this.state === state) this.ghost = found;
      })
      .catch(() => undefined);
  }

  #haunt(): void {
    this.ghost = this.answer;
    this.#before = this.answer?.state;
  }

  #jump(state: Question): void {
    this.#haunt();
    this.state = state;
    this.#ask();
    this.#settle();
  }

  #settle(): void {
    this.undoable = this.#history.undoable;
    this.redoable = this.#history.redoable;
    void this.link().then((link) => history.replaceState(null, "", link));
  }

  async #read(): Promise<void> {
    try {
      const link = await fromFragment(location.hash);
      this.view = VIEWS.find((each) => each === link.view) ?? "main";
      this.embed = link.embed;
      const model = this.schema?.model_digest ?? "";
      this.notice = outdated(link, model) ? strings.problem.outdated(link.model, model.slice(0, link.model.length)) : "";
      if (JSON.stringify(link.state) === JSON.stringify(this.state)) return;
      this.#history.push(link.state);
      if (!this.#live) this.#history = new History(link.state);
      this.#jump(link.state);
    } catch {
      this.notice = strings.problem.link;
    }
  }

  #ask(): void {
    this.busy = true;
    this.#live?.ask(this.question);
    for (const id of this.charts) void this.#fetchPublished(id);
  }

  #reply(reply: Reply): void {
    this.busy = false;
    this.problem = reply.problem ? (reply.problem.detail ?? reply.problem.title) : "";
    if (reply.answer) this.answer = reply.answer;
  }

  #connected(state: Connection): void {
    // A server that comes back may run another model: what the page draws itself from is read anew.
    if (state === "open" && this.connection !== "open" && this.answer)
      get<Schema>("schema").then((schema) => (this.schema = schema)).catch(() => undefined);
    this.connection = state;
  }

  async #fetchPublished(id: string): Promise<void> {
    const info = this.schema?.charts.find((each) => each.id === id);
    if (!info?.published || this.published[id]) return;
    this.published = { ...this.published, [id]: [] };
    try {
      const found = await get<{ points: Point[] }>("published", { chart: id });
      this.published = { ...this.published, [id]: found.points };
    } catch {
      const { [id]: _, ...others } = this.published;
      this.published = others;
    }
  }
}

export const page = new Page();
