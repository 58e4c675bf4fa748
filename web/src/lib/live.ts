import { decodeFrame, type Reply } from "./frame";
import type { Question } from "./types";

export type Connection = "connecting" | "open" | "lost";

export interface Listener {
  reply(reply: Reply): void;
  connection(state: Connection): void;
}

const FIRST_WAIT = 500;
const LONGEST_WAIT = 5000;
/** The first answer may wait for a compilation; after this long the question is asked anew. */
const PATIENCE = 60_000;

/** Questions to the server, one at a time. Of those asked while one is answered only the last is sent. */
export class Live {
  #socket: WebSocket | undefined;
  #request = 0;
  #asked = 0;
  #answered = 0;
  #latest: Question | undefined;
  #wait = FIRST_WAIT;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly address: string,
    readonly listener: Listener,
    readonly open: (address: string) => WebSocket = (address) => new WebSocket(address),
  ) {
    this.connect();
  }

  connect(): void {
    clearTimeout(this.#retry);
    this.#socket?.close();
    this.listener.connection("connecting");
    const socket = this.open(this.address);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.#wait = FIRST_WAIT;
      this.listener.connection("open");
      if (this.#latest) this.#send();
    };
    socket.onmessage = (message: MessageEvent<ArrayBuffer>) => this.#read(message.data);
    socket.onclose = () => {
      if (this.#socket === socket) this.#lost();
    };
  }

  ask(state: Question): void {
    this.#latest = state;
    this.#request += 1;
    if (this.#answered === this.#asked) this.#send();
  }

  #send(): void {
    if (this.#socket?.readyState !== 1 || !this.#latest) return;
    this.#asked = this.#request;
    this.#socket.send(JSON.stringify({ request: this.#asked, state: this.#latest }));
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.connect(), PATIENCE);
  }

  #read(data: ArrayBuffer): void {
    const reply = decodeFrame(data);
    if (reply.request !== null && reply.request < this.#asked) return;
    clearTimeout(this.#patience);
    this.#answered = this.#asked;
    // The next question first, so that the server works while this answer is painted.
    if (this.#request > this.#asked) this.#send();
    this.listener.reply(reply);
  }

  #lost(): void {
    clearTimeout(this.#patience);
    this.#answered = this.#asked;
    this.listener.connection("lost");
    this.#retry = setTimeout(() => this.connect(), this.#wait);
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
  }
}
