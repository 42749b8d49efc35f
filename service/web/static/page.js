"use strict";
// The page works without this file; with it, rows come by themselves. Rows are rendered, and escaped, by the server.

const ROWS = 100;
const HELD = 200;
const RETRY = 5000;

const one = (id) => document.getElementById(id);
const lists = { alert: one("alerts"), story: one("stories") };
const words = one("filter");
const topical = one("topical");
const pause = one("pause");

let seen = document.body.dataset.cursor;
let stream = null;
let paused = false;
let held = [];
let stale = false;
let unseen = 0;

function ago(then) {
  const seconds = Math.floor((Date.now() - then) / 1000);
  if (seconds < 5) return "now";
  for (const [size, unit] of [[86400, "d"], [3600, "h"], [60, "min"]]) {
    if (seconds >= size) return `${Math.floor(seconds / size)} ${unit} ago`;
  }
  return `${seconds} s ago`;
}

function tellTimes(root) {
  for (const time of root.querySelectorAll("time")) {
    const said = ago(Date.parse(time.dateTime));
    if (time.textContent !== said) time.textContent = said;
  }
}

function tellState(state, reason) {
  const pill = one("state");
  pill.className = `state ${state}`;
  pill.title = reason || "";
  const word = pill.querySelector(".word");
  if (word.textContent !== state) word.textContent = state;
}

function tellCounts() {
  for (const [kind, list] of Object.entries(lists)) {
    const shown = list.querySelectorAll(".row:not([hidden])").length;
    one(kind === "alert" ? "alerts-count" : "stories-count").textContent =
      shown === list.children.length ? shown : `${shown} of ${list.children.length}`;
  }
}

function sift(row) {
  const wanted = words.value.trim().toLowerCase().split(/\s+/);
  const said = row.textContent.toLowerCase();
  const off = topical.checked && row.classList.contains("story") && !row.classList.contains("topical");
  row.hidden = off || !wanted.every((word) => said.includes(word));
}

function siftAll() {
  for (const list of Object.values(lists)) for (const row of list.children) sift(row);
  tellCounts();
}

function put(kind, told) {
  const list = lists[kind];
  one(told.row)?.remove();
  if (told.gone) one(told.gone)?.remove();
  const holder = document.createElement("template");
  holder.innerHTML = told.html;
  const row = holder.content.firstElementChild;
  row.classList.add("fresh");
  sift(row);
  tellTimes(row);
  // Who has scrolled down reads something: what comes above must not move it.
  const scroll = list.parentElement;
  const before = list.scrollHeight;
  list.prepend(row);
  if (scroll.scrollTop > 0) scroll.scrollTop += list.scrollHeight - before;
  while (list.children.length > ROWS) list.lastElementChild.remove();
  if (kind === "alert" && document.hidden) {
    unseen += 1;
    document.title = `(${unseen}) Tocsin`;
  }
}

function come(kind, message) {
  seen = message.lastEventId || seen;
  if (!paused) {
    put(kind, JSON.parse(message.data));
    tellCounts();
    return;
  }
  if (held.length < HELD) held.push([kind, JSON.parse(message.data)]);
  else stale = true;
  pause.textContent = stale ? `Resume (${HELD}+)` : `Resume (${held.length})`;
}

async function reload() {
  const answer = await fetch("/", { cache: "no-store" });
  if (!answer.ok) throw new Error(answer.statusText);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const list of Object.values(lists)) list.replaceChildren(...fresh.getElementById(list.id).children);
  seen = fresh.body.dataset.cursor;
  siftAll();
}

function tellStatus(message) {
  const status = JSON.parse(message.data);
  tellState(status.state, status.reason);
  one("articles").textContent = status.articles;
  one("alerting").textContent = status.alerts;
  one("sources").textContent = status.sources;
}

async function mend() {
  // What was missed can't be replayed: read the page anew, and listen on from there.
  stream.close();
  if (paused) stale = true;
  else {
    try {
      await reload();
    } catch {
      tellState("reconnecting", "the page can't be read");
      setTimeout(mend, RETRY);
      return;
    }
  }
  listen();
}

function listen() {
  stream = new EventSource(`/events?after=${encodeURIComponent(stale ? "" : seen)}`);
  stream.addEventListener("alert", (message) => come("alert", message));
  stream.addEventListener("story", (message) => come("story", message));
  stream.addEventListener("status", tellStatus);
  stream.addEventListener("gap", mend);
  stream.addEventListener("error", () => {
    tellState("reconnecting", "the page has lost its server");
    // A refused request ends an EventSource for good; a lost line does not.
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, RETRY);
  });
}

pause.addEventListener("click", async () => {
  paused = !paused;
  pause.setAttribute("aria-pressed", String(paused));
  pause.textContent = paused ? "Resume" : "Pause";
  if (paused) return;
  const waiting = held;
  held = [];
  if (stale) {
    stale = false;
    await mend();
  } else {
    for (const [kind, told] of waiting) put(kind, told);
    tellCounts();
  }
});
words.addEventListener("input", siftAll);
topical.addEventListener("change", siftAll);
words.form.addEventListener("submit", (event) => event.preventDefault());
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  unseen = 0;
  document.title = "Tocsin";
});
for (const control of document.querySelectorAll(".needs-script")) control.hidden = false;
setInterval(() => tellTimes(document), 10000);
tellTimes(document);
listen();
