// The workbench without waiting for pages: tries while one types, saves and judges in place, and leads to
// the line of a problem. Without it the same form does the same with a page for each step.
"use strict";

const PAUSE = 400; // milliseconds without a key
const TAKING_OVER = { every: 2000, times: 15 };
const form = document.getElementById("bench");
const editor = document.getElementById("text");
const results = document.getElementById("results");
const busy = document.getElementById("busy");
const working = busy.textContent;
let saved = editor.value; // what is known to be in the file
let timer = 0, waits = 0, running = null, saving = false;

/** Ask for a part of the page; the newest question alone is answered. Null: nothing came of it. */
async function ask(action, part, { alone = true, glance = false, words = working } = {}) {
  const body = new URLSearchParams(new FormData(form));
  body.set("do", action);
  body.set("part", part);
  if (glance) body.set("glance", "yes");
  const control = new AbortController();
  if (alone) {
    running?.abort();
    running = control;
    busy.textContent = words;
    busy.hidden = false;
    document.body.classList.add("is-waiting");
  }
  try {
    const answer = await fetch(form.action, { method: "POST", body, signal: control.signal });
    if (alone && running !== control) return null;
    if (answer.status === 204) { // another window of this session asked later
      timer = setTimeout(tryIt, TAKING_OVER.every);
      return null;
    }
    if (answer.status === 403) { tell(busy.dataset.closed); return null; }
    if (!answer.ok && ![409, 422, 423].includes(answer.status)) throw new Error(answer.status);
    const html = await answer.text();
    if (alone && running === control) { running = null; quiet(); }
    return { html, status: answer.status };
  } catch (error) {
    if (error.name !== "AbortError") tell(busy.dataset.failed);
    return null;
  }
}

function quiet() { busy.hidden = true; document.body.classList.remove("is-waiting"); }
function tell(words) { running = null; quiet(); busy.textContent = words; busy.hidden = false; document.getElementById("live").textContent = words; }

/** Put the results in place, and say them in one line to who cannot see them. */
function show({ html }) {
  const open = [...results.querySelectorAll("details")].map(each => each.open);
  results.innerHTML = html;
  results.querySelectorAll("details").forEach((each, i) => { each.open = open[i] ?? false; });
  const sheet = results.querySelector(".sheet");
  document.getElementById("live").textContent = sheet.dataset.said;
  document.getElementById("standing").textContent = sheet.dataset.standing;
  markLines();
  retellTimes();
  return sheet.dataset;
}

/** Try what is typed: half a second of the newest first, then further back if there is more. */
async function tryIt() {
  clearTimeout(timer);
  if (saving) { timer = setTimeout(tryIt, PAUSE); return; }
  const first = await ask("try", "results", { glance: true });
  if (!first) return;
  let said = show(first);
  if (said.cut === "time") {
    const whole = await ask("try", "results", { words: busy.dataset.further });
    if (!whole) return;
    said = show(whole);
  }
  follow(said);
}

async function save(action = "save") {
  if (saving) return;
  clearTimeout(timer);
  saving = true; // nothing may take its place: its answer names the file as it is then
  const text = editor.value;
  const answer = await ask(action, "results", { glance: true });
  saving = false;
  if (!answer) return;
  const said = show(answer);
  if (answer.status === 200) {
    saved = text;
    form.elements.held.value = said.held;
    waits = TAKING_OVER.times;
    follow(said);
  } else {
    results.querySelector(".told")?.scrollIntoView({ block: "nearest" });
  }
}

/** After saving, look again until the running program has taken it over. */
function follow(said) {
  if (said.state !== "waiting" || waits-- <= 0) { waits = 0; return; }
  timer = setTimeout(tryIt, TAKING_OVER.every);
}

async function judge(button) {
  const group = button.closest(".verdict");
  const answer = await ask(button.value, "verdict", { alone: false });
  if (!answer) return;
  const place = [...group.querySelectorAll("button")].indexOf(button);
  group.innerHTML = answer.html;
  const buttons = group.querySelectorAll("button");
  buttons[Math.min(place, buttons.length - 1)].focus();
}

/** Lead to a line and column, both from 1; columns count characters, not halves of them. */
function lead(line, column) {
  const lines = editor.value.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  const at = before + [...(lines[line - 1] ?? "")].slice(0, Math.max(column - 1, 0)).join("").length;
  editor.focus();
  editor.setSelectionRange(at, at);
  const height = parseFloat(getComputedStyle(editor).lineHeight);
  editor.scrollTop = Math.max((numbers.children[line - 1]?.offsetTop ?? 0) - 3 * height, 0);
  editor.scrollIntoView({ block: "nearest" });
}

// The line numbers: a column beside the text that scrolls along. A long line is wrapped, and how high it then
// is a copy of it tells that nobody sees.
const gutter = document.querySelector(".gutter");
const numbers = gutter.firstElementChild;
const mirror = document.createElement("div");
mirror.className = "mirror";
mirror.setAttribute("aria-hidden", "true");
gutter.parentElement.append(mirror);
function countLines() {
  const lines = editor.value.split("\n");
  for (const [column, texts] of [[numbers, lines.map((_, i) => String(i + 1))], [mirror, lines]]) {
    while (column.childElementCount > lines.length) column.lastChild.remove();
    while (column.childElementCount < lines.length) column.append(document.createElement("div"));
    texts.forEach((text, i) => {
      const child = column.children[i], said = text || "\u200b"; // an empty one has a height, too
      if (child.textContent !== said) child.textContent = said;
    });
  }
  gutter.style.setProperty("--digits", `${String(lines.length).length}ch`);
  measureLines();
}
function measureLines() {
  const style = getComputedStyle(editor);
  mirror.style.width = `${editor.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight)}px`;
  const heights = [...mirror.children].map(each => each.getBoundingClientRect().height);
  heights.forEach((height, i) => { numbers.children[i].style.height = `${height}px`; });
}
function markLines() {
  const bad = new Set([...results.querySelectorAll(".problems:not(.mild) .place")].map(each => Number(each.dataset.line)));
  [...numbers.children].forEach((each, i) => each.classList.toggle("bad", bad.has(i + 1)));
}
function scrollLines() { numbers.style.transform = `translateY(${-editor.scrollTop}px)`; }

editor.addEventListener("input", () => {
  countLines();
  waits = 0;
  clearTimeout(timer);
  timer = setTimeout(tryIt, PAUSE);
});
editor.addEventListener("scroll", scrollLines, { passive: true });

document.addEventListener("submit", event => {
  const action = event.submitter?.value ?? "try";
  event.preventDefault();
  if (action === "try") tryIt();
  else if (action.startsWith("save")) save(action);
  else judge(event.submitter);
});
document.addEventListener("click", event => {
  const place = event.target.closest?.(".place");
  if (!place || place.dataset.line === "0") return;
  event.preventDefault();
  lead(Number(place.dataset.line), Number(place.dataset.column));
});
document.addEventListener("keydown", event => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  if (event.key === "Enter") { event.preventDefault(); tryIt(); }
  if (event.key === "s" && !form.querySelector("[value=save]").disabled) { event.preventDefault(); save(); }
});
addEventListener("beforeunload", event => { if (editor.value !== saved) event.preventDefault(); });

const copy = document.getElementById("copy");
if (navigator.clipboard) {
  const label = copy.textContent;
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(editor.value);
      copy.textContent = copy.dataset.done;
      setTimeout(() => { copy.textContent = label; }, 2000);
    } catch { editor.select(); /* refused: at least it is selected */ }
  });
}
gutter.ariaHidden = "true"; // the browser tells who hears the page which line it is
gutter.hidden = false;
document.getElementById("keys").hidden = false;
countLines();
markLines();
new ResizeObserver(measureLines).observe(editor);
