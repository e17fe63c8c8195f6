// Drives the player's page in a frame and reports what it did: see cli/tests/cli/player.rs.
"use strict";

const frame = document.getElementById("frame");
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
let player, page, arrived;

async function load(url) {
  frame.src = url;
  await new Promise((done) => (frame.onload = done));
  [player, page] = [frame.contentWindow.girih, frame.contentDocument];
  player.hash = true;
  player.view.arrived = (data) => arrived.push(data);
  await player.ready;
}

async function until(condition, what) {
  for (let i = 0; i < 1500; i++) {
    if (condition()) return;
    await sleep(10);
  }
  throw new Error(`${what}: nothing happened (${page.getElementById("message").textContent})`);
}

const message = () => {
  const m = page.getElementById("message");
  return m.hidden ? "" : m.textContent;
};
const fetchFile = async (name) => new File([await (await fetch(`files/${name}`)).blob()], name);

// Plays a file to its end as fast as it decodes; gives "time:hash" of each picture.
async function play(name) {
  arrived = [];
  await player.open(await fetchFile(name));
  await until(() => player.film || message().startsWith(`${name}:`), name);
  if (!player.film) return { message: message() };
  const started = performance.now();
  while (!(player.ended && player.queue.length === 0)) {
    await until(() => player.queue.length > 0 || player.ended, name);
    while (player.queue.length > 0) player.advance();
  }
  const pictures = arrived.map((a) => [a.time, a.hash]);
  return { message: message(), pictures, milliseconds: performance.now() - started };
}

// The hash and time of the picture that is shown after a seek.
async function seek(time) {
  arrived = [];
  player.seek(time);
  await until(() => arrived.some((a) => a.id === player.request), `seek ${time}`);
  const first = arrived.find((a) => a.id === player.request);
  return [first.time, first.hash];
}

async function run() {
  const plan = await (await fetch("plan")).json();
  const result = { plays: {}, seeks: {}, reports: [] };
  await load("girih-player.html");
  result.oneFile = await play(plan.watch);
  await load("index.html");
  for (const name of plan.plays) result.plays[name] = await play(name);
  for (const [name, time] of plan.seeks) {
    await play(name);
    result.seeks[`${name} ${time}`] = await seek(time);
  }
  // As a user does it: the box, the button, in real time.
  await play(plan.watch);
  arrived = [];
  page.getElementById("inspect").click();
  player.seek(0);
  page.getElementById("play").click();
  await until(() => player.playing, "playing");
  await until(() => !player.playing, "the end");
  const shown = arrived.filter((a) => a.id === player.request);
  result.reports = shown.map((a) => a.report);
  result.overlay = page.getElementById("overlay").textContent;
  result.pixel = [...player.context.getImageData(player.canvas.width / 2, player.canvas.height / 2, 1, 1).data];
  return result;
}

run()
  .catch((e) => ({ error: `${e.message}\n${e.stack}` }))
  .then((result) => fetch("result", { method: "POST", body: JSON.stringify(result) }));
