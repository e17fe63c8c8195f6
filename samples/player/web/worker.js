// The decoder's thread: a module of WebAssembly for each film, fed with pieces of the file as it asks for them.
//
// Messages in:  {module}                 the compiled module, once
//               {open: File}
//               {seek: seconds, inspect, hash, id}
//               {want: n}                so many more pictures may be sent
// Messages out: {opened: description} or {failed: message}
//               {picture, width, height, time, hash, report, id}
//               {trouble: message, id}   something is damaged; what follows is not
//               {ended: id}
"use strict";

let module = null;
let film = null;
const turn = new MessageChannel();

class Film {
  constructor(file) {
    this.file = file;
    this.reader = new FileReaderSync();
    this.decoder = new WebAssembly.Instance(module, {
      file: { read: (to, length, offset) => this.read(to, length, offset) },
    }).exports;
    this.id = 0;
    this.wanted = 0;
    this.ended = false;
    if (!this.decoder.open(file.size)) throw new Error(this.text());
    const { rate, aspect, start, end, ...info } = JSON.parse(this.text());
    const ratio = ([a, b]) => (a > 0 ? a / b : 1);
    this.info = { ...info, rate: ratio(rate), aspect: ratio(aspect), start: start / 1e6, end: end / 1e6 };
  }

  read(to, length, offset) {
    try {
      const bytes = new Uint8Array(this.reader.readAsArrayBuffer(this.file.slice(offset, offset + length)));
      new Uint8Array(this.decoder.memory.buffer, to >>> 0, length).set(bytes);
      return bytes.length;
    } catch {
      return -1;
    }
  }

  text() {
    const d = this.decoder;
    return new TextDecoder().decode(new Uint8Array(d.memory.buffer, d.text() >>> 0, d.text_length()));
  }

  seek({ seek, inspect, hash, id }) {
    this.id = id;
    this.hash = hash;
    this.ended = false;
    if (!this.decoder.seek(seek, inspect ? 1 : 0)) throw new Error(this.text());
  }

  // Does a little; other messages come in between.
  step() {
    const id = this.id;
    switch (this.decoder.step()) {
      case 1: {
        const text = this.text();
        const time = this.decoder.time();
        const hash = this.hash ? this.decoder.hash() >>> 0 : null;
        const { width, height } = this.info;
        const from = this.decoder.pixels() >>> 0;
        const picture = this.decoder.memory.buffer.slice(from, from + width * height * 4);
        const report = text ? JSON.parse(text) : null;
        this.wanted -= 1;
        postMessage({ picture, width, height, time, hash, report, id }, [picture]);
        break;
      }
      case 2:
        this.ended = true;
        postMessage({ ended: id });
        break;
      case 3:
        postMessage({ trouble: this.text(), id });
        break;
    }
  }
}

// Whatever fails takes only this film with it.
function guarded(work) {
  try {
    work();
  } catch (e) {
    film = null;
    const broken = e instanceof WebAssembly.RuntimeError || e instanceof RangeError;
    postMessage({ failed: broken ? `the decoder gave up on this file (${e.message})` : e.message });
  }
}

let pumping = false;
function pump() {
  if (!pumping && film && !film.ended && film.wanted > 0) {
    pumping = true;
    turn.port2.postMessage(0);
  }
}
turn.port1.onmessage = () => {
  pumping = false;
  if (film && !film.ended && film.wanted > 0) guarded(() => film.step());
  pump();
};

onmessage = ({ data }) => {
  if (data.module) module = data.module;
  if (data.open) {
    film = null;
    guarded(() => {
      film = new Film(data.open);
      postMessage({ opened: film.info });
    });
  }
  if (film && data.seek !== undefined) guarded(() => film.seek(data));
  if (film && data.want) film.wanted += data.want;
  pump();
};
