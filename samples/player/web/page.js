// What is around the picture: opening, buttons, the position, what is known of each frame.
"use strict";

const $ = (id) => document.getElementById(id);
const clockText = (s) => `${Math.floor(s / 60)}:${(s % 60).toFixed(2).padStart(5, "0")}`;
const percent = (thousandths) => `${(thousandths / 10).toFixed(0)} %`;
const HISTORY = 160;
let history = [];
let dragging = false;

const view = {
  message(text, bad = false) {
    $("message").textContent = text;
    $("message").hidden = !text;
    $("message").className = bad ? "bad" : "";
  },

  opened(info, name) {
    const { width, height, chroma, depth, rate } = info;
    $("title").textContent = `${name}: ${width}x${height}, ${chroma}, ${depth} bits, ${+rate.toFixed(3)} fps`;
    $("hint").hidden = true;
    $("canvas").hidden = false;
    $("stage").className = "";
    $("seek").min = info.start;
    history = [];
  },

  state(p) {
    for (const id of ["play", "next", "seek"]) $(id).disabled = !p.film;
    $("play").textContent = p.playing ? "Pause" : "Play";
    if (!p.film) return;
    $("seek").max = p.film.end;
    if (!dragging) $("seek").value = p.now;
    $("time").textContent = `${clockText(p.now)} / ${clockText(p.film.end)}`;
  },

  shown({ report, time, hash }) {
    const inspected = Boolean(report);
    $("overlay").hidden = $("details").hidden = !inspected;
    if (!inspected) return;
    const r = report;
    $("overlay").textContent = [
      `${r.type} frame, ${(8 * r.bytes).toLocaleString("en")} bits, quantiser ${r.qi}`,
      r.references.length > 0 ? `from ${r.references.map((o) => o - r.order).map((d) => (d > 0 ? `+${d}` : d)).join(", ")}` : "from no other frame",
      `${r.blocks} blocks: ${percent(r.intra)} intra, ${percent(r.single)} from one, ${percent(r.double)} from two, ${percent(r.skip)} skipped`,
      r.tools.join(", "),
      `hash ${hash.toString(16).padStart(8, "0")}`,
    ].join("\n");
    if (history.length > 0 && time <= history[history.length - 1].time) history = [];
    history.push({ time, bytes: r.bytes, type: r.type });
    history = history.slice(-HISTORY);
    drawBars();
    listKinds(r);
  },
};

function drawBars() {
  const canvas = $("bars");
  canvas.width = canvas.clientWidth;
  const [c, step] = [canvas.getContext("2d"), canvas.width / HISTORY];
  const most = Math.max(...history.map((h) => h.bytes));
  const height = (bytes) => Math.max(1, (bytes / most) * canvas.height);
  const colours = { key: "#d9534a", anchor: "#4a90d9" };
  history.forEach((h, i) => {
    c.fillStyle = colours[h.type] ?? "#8a9a5b";
    c.fillRect(i * step, canvas.height - height(h.bytes), Math.max(1, step - 1), height(h.bytes));
  });
  const mean = history.reduce((n, h) => n + h.bytes, 0) / history.length;
  c.fillStyle = "#888";
  c.fillRect(0, canvas.height - height(mean), canvas.width, 1);
}

function listKinds(report) {
  const most = Math.max(...Object.values(report.bits));
  const rows = Object.entries(report.bits).map(([kind, bits]) => {
    const row = document.createElement("tr");
    const [name, number, bar] = [0, 0, 0].map(() => row.appendChild(document.createElement("td")));
    name.textContent = kind;
    number.textContent = bits.toLocaleString("en");
    bar.appendChild(document.createElement("span")).style.width = `${(100 * bits) / most}%`;
    return row;
  });
  $("kinds").replaceChildren(...rows);
}

const player = new Player($("canvas"), view);
window.girih = player;

$("file").onchange = ({ target }) => {
  if (target.files[0]) player.open(target.files[0]);
  target.value = "";
};
$("play").onclick = () => (player.playing ? player.pause() : player.play());
$("next").onclick = () => player.advance();
$("seek").oninput = () => {
  dragging = true;
  player.seek(Number($("seek").value));
};
$("seek").onchange = () => (dragging = false);
$("inspect").onchange = () => {
  player.inspect = $("inspect").checked;
  // Frames can be inspected from a key frame on.
  player.seek(player.now);
};

document.ondragover = (e) => {
  e.preventDefault();
  $("stage").classList.add("over");
};
document.ondragleave = () => $("stage").classList.remove("over");
document.ondrop = (e) => {
  e.preventDefault();
  $("stage").classList.remove("over");
  const file = e.dataTransfer.files[0];
  if (file) player.open(file);
};
document.onkeydown = (e) => {
  if (e.target.matches("button, input:not([type=range])") && e.key === " ") return;
  const keys = {
    " ": () => $("play").click(),
    ".": () => player.advance(),
    ArrowLeft: () => player.seek(player.now - 5),
    ArrowRight: () => player.seek(player.now + 5),
  };
  if (keys[e.key] && player.film) {
    e.preventDefault();
    keys[e.key]();
  }
};
