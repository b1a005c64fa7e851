// The connection to the chat. It is opened again whenever it is lost, until the chat has ended.

import { storage } from "./storage.js";

const FIRST_WAIT = 1; // seconds
const LONGEST_WAIT = 30;
const PART = 16 * 1024; // bytes that are sent at once; the server takes up to 64 kB

export class Connection {
  #view;
  #hello;
  #on;
  #socket = null;
  #failures = 0;
  #timer = 0;
  #ended = false;

  // `view` is what the page shows, and `hello` returns what to tell the server first. `on` has
  // functions for what happens: show(bytes), message(object), opened(ticket), another(), lost(seconds, retry),
  // ended(sentence) and elsewhere(url).
  constructor(view, hello, on) {
    this.#view = view;
    this.#hello = hello;
    this.#on = on;
    window.addEventListener("online", () => this.#retry());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.#retry();
    });
  }

  open() {
    const url = document.body.dataset.url; // the server refuses pages that are open elsewhere
    if (url && new URL(url).origin !== location.origin) return this.#on.elsewhere(url);
    this.#ended = false;
    const address = new URL("socket", document.baseURI);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = (this.#socket = new WebSocket(address));
    socket.binaryType = "arraybuffer";
    socket.onopen = () => socket.send(JSON.stringify({ ...this.#hello(), ticket: this.#ticket }));
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = () => this.#lose();
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  // Send what was typed.
  type(text) {
    const bytes = new TextEncoder().encode(text);
    for (let start = 0; start < bytes.length; start += PART) {
      this.#send(bytes.subarray(start, start + PART));
    }
  }

  // Answer what the client has asked of a file, by the number of the question. No text that is
  // typed has a byte of 255.
  answer(number, content) {
    const bytes = new Uint8Array(5 + content.byteLength);
    bytes[0] = 255;
    new DataView(bytes.buffer).setUint32(1, number);
    bytes.set(new Uint8Array(content), 5);
    this.#send(bytes);
  }

  tell(message) {
    this.#send(JSON.stringify(message));
  }

  #send(data) {
    if (this.isOpen) this.#socket.send(data);
  }

  #receive(data) {
    if (typeof data !== "string") return this.#on.show(new Uint8Array(data));
    const message = JSON.parse(data);
    if ("ticket" in message) {
      const isAnother = this.#isKept && this.#ticket !== message.ticket;
      this.#failures = 0;
      this.#ticket = message.ticket;
      this.#isKept = message.is_kept;
      this.#on.opened(message.ticket);
      if (isAnother) this.#on.another();
    } else if ("end" in message) {
      this.#ended = true;
      this.#ticket = "";
      this.#isKept = false;
      this.#on.ended(message.end.sentence);
    } else {
      this.#on.message(message);
    }
  }

  #lose() {
    if (this.#ended) return;
    const wait = Math.min(FIRST_WAIT * 2 ** this.#failures++, LONGEST_WAIT);
    const seconds = wait * (0.75 + Math.random() / 2); // not everyone at once
    this.#timer = setTimeout(() => this.#retry(), seconds * 1000);
    this.#on.lost(Math.ceil(seconds), () => this.#retry());
  }

  #retry() {
    if (this.#timer === 0) return;
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.open();
  }

  // The secret by which the server finds this tab's client again. It ends with the tab.
  get #ticket() {
    return storage.getItem(`ticket of ${this.#view}`) ?? "";
  }

  set #ticket(ticket) {
    storage.setItem(`ticket of ${this.#view}`, ticket);
  }

  // Whether it is more than a form, which nobody misses.
  get #isKept() {
    return storage.getItem(`kept of ${this.#view}`) === "true";
  }

  set #isKept(isKept) {
    storage.setItem(`kept of ${this.#view}`, isKept);
  }
}
