// The page: pictures come from the worker ahead of time and are shown when their time has come.
"use strict";

// Pictures asked for ahead of the one that is shown.
const AHEAD = 6;

class Player {
  constructor(canvas, view) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false });
    this.view = view;
    this.inspect = false;
    // Hashes of pictures are for tests, and shown when frames are inspected.
    this.hash = false;
    this.film = null;
    this.request = 0;
    this.forget();
    const worker = startWorker();
    worker.onmessage = ({ data }) => this.receive(data);
    worker.onerror = (e) => this.fail(`the decoder's thread failed: ${e.message}`);
    this.worker = worker;
    this.ready = compile().then(
      (module) => worker.postMessage({ module }),
      (e) => this.fail(`this browser cannot run the decoder: ${e.message}`),
    );
  }

  forget() {
    this.queue = [];
    this.asked = 0;
    this.ended = false;
    this.playing = false;
    this.waiting = false;
    this.now = 0;
    this.damaged = 0;
  }

  async open(file) {
    await this.ready;
    this.film = null;
    this.forget();
    this.name = file.name;
    this.view.message(`Opening ${file.name}`);
    this.worker.postMessage({ open: file });
  }

  receive(data) {
    if (data.opened) return this.opened(data.opened);
    if (data.failed) return this.fail(`${this.name}: ${data.failed}`);
    if (!this.film) return;
    if (data.ended === this.request) this.ended = true;
    if (data.picture) this.asked -= 1;
    // What an earlier seek had asked for comes too late.
    if (data.picture && data.id !== this.request) return this.ask();
    if (data.trouble && data.id === this.request) {
      this.damaged += 1;
      this.view.message(`${this.name}: ${data.trouble} (damaged: ${this.damaged})`, true);
    }
    if (data.picture) {
      this.queue.push(data);
      this.view.arrived?.(data);
    }
    if (this.waiting && (this.queue.length > 0 || this.ended)) {
      this.waiting = false;
      if (this.queue.length > 0) this.show(this.queue.shift());
      else if (this.ended) this.view.message(`${this.name}: no picture in it can be decoded`, true);
    }
    if (data.ended !== undefined || data.picture) this.view.state(this);
  }

  opened(info) {
    this.film = info;
    this.canvas.width = info.width;
    this.canvas.height = info.height;
    this.canvas.style.aspectRatio = `${info.width * info.aspect} / ${info.height}`;
    this.view.message("");
    this.view.opened(info, this.name);
    this.seek(info.start);
  }

  fail(message) {
    this.film = null;
    this.forget();
    this.view.message(message, true);
    this.view.state(this);
  }

  ask() {
    const want = AHEAD - this.queue.length - this.asked;
    if (this.film && want > 0) {
      this.asked += want;
      this.worker.postMessage({ want });
    }
  }

  // Shows the picture of a time and goes on from there, playing or not.
  seek(time) {
    if (!this.film) return;
    const last = Math.max(this.film.start, this.film.end);
    this.now = Math.min(Math.max(time, this.film.start), last);
    this.request += 1;
    this.queue = [];
    this.ended = false;
    this.waiting = true;
    const { inspect, hash } = this;
    this.worker.postMessage({ seek: this.now, inspect, hash: hash || inspect, id: this.request });
    this.ask();
    this.restart();
    this.view.state(this);
  }

  // From now on pictures are due as many seconds after this one as they should be.
  restart() {
    this.origin = { clock: performance.now(), time: this.now };
  }

  play() {
    if (!this.film || this.playing) return;
    if (this.ended && this.queue.length === 0) this.seek(this.film.start);
    this.playing = true;
    this.restart();
    requestAnimationFrame(() => this.tick());
    this.view.state(this);
  }

  pause() {
    this.playing = false;
    this.view.state(this);
  }

  // The next picture.
  advance() {
    this.pause();
    if (this.queue.length > 0) this.show(this.queue.shift());
  }

  tick() {
    if (!this.playing) return;
    const clock = performance.now();
    const time = this.origin.time + (clock - this.origin.clock) / 1000;
    let due = null;
    while (!this.waiting && this.queue.length > 0 && this.queue[0].time <= time) {
      if (due) this.ask();
      due = this.queue.shift();
    }
    if (due) {
      this.show(due);
      // A decoder that is too slow slows the film down; nothing is left out to catch up.
      if (time - due.time > 0.25) this.restart();
    } else if (this.queue.length === 0 && this.ended && !this.waiting) {
      this.playing = false;
      this.view.state(this);
    } else if (this.waiting) {
      this.restart();
    }
    requestAnimationFrame(() => this.tick());
  }

  show(data) {
    const pixels = new Uint8ClampedArray(data.picture);
    this.context.putImageData(new ImageData(pixels, data.width, data.height), 0, 0);
    this.now = data.time;
    this.film.end = Math.max(this.film.end, data.time);
    this.view.shown?.(data);
    this.view.state(this);
    this.ask();
  }
}

// The file girih-player.html has all parts in it; a server gives them one by one.
function startWorker() {
  const inside = document.getElementById("worker");
  if (!inside) return new Worker("worker.js");
  return new Worker(URL.createObjectURL(new Blob([inside.textContent], { type: "text/javascript" })));
}

async function compile() {
  const inside = document.getElementById("module");
  if (inside) {
    const text = atob(inside.textContent.trim());
    return WebAssembly.compile(Uint8Array.from(text, (c) => c.charCodeAt(0)));
  }
  const answer = await fetch("girih.wasm");
  if (!answer.ok) throw new Error(`girih.wasm: ${answer.status} ${answer.statusText}`);
  return WebAssembly.compile(await answer.arrayBuffer());
}
