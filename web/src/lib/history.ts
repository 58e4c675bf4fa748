/** Undo and redo over immutable values. Steps with the same key that follow closely count as one. */
export class History<Value> {
  #past: Value[] = [];
  #future: Value[] = [];
  #now: Value;
  #key = "";
  #when = -Infinity;

  constructor(
    first: Value,
    readonly together = 800,
    readonly limit = 200,
  ) {
    this.#now = first;
  }

  get now(): Value {
    return this.#now;
  }
  get undoable(): boolean {
    return this.#past.length > 0;
  }
  get redoable(): boolean {
    return this.#future.length > 0;
  }

  push(value: Value, key = "", when: number = Date.now()): void {
    const joined = key !== "" && key === this.#key && when - this.#when < this.together;
    if (!joined) this.#past = [...this.#past, this.#now].slice(-this.limit);
    this.#now = value;
    this.#future = [];
    this.#key = key;
    this.#when = when;
  }

  undo(): Value {
    const last = this.#past.pop();
    if (last !== undefined) {
      this.#future.push(this.#now);
      this.#now = last;
    }
    this.#key = "";
    return this.#now;
  }

  redo(): Value {
    const next = this.#future.pop();
    if (next !== undefined) {
      this.#past.push(this.#now);
      this.#now = next;
    }
    this.#key = "";
    return this.#now;
  }
}
