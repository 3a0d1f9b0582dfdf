// The outbox looks again by itself, as long as somebody looks at it. Without this there is a link that does.
"use strict";

const EVERY = 5000; // milliseconds
const live = document.getElementById("live");
const pulse = document.getElementById("pulse");
const said = document.getElementById("said");
const usual = pulse.textContent;
const first = Number(live.querySelector(".glance").dataset.undecided);
let timer = 0;

/** Put what is new in its place, unless somebody stands in it with the keyboard. */
function show(html) {
  const before = live.querySelector(".glance").dataset.said;
  if (!live.contains(document.activeElement)) live.innerHTML = html;
  const glance = live.querySelector(".glance").dataset;
  if (glance.said !== before) said.textContent = glance.said;
  pulse.textContent = Number(glance.undecided) > first ? pulse.dataset.more : usual;
  retellTimes();
}

async function look() {
  clearTimeout(timer);
  const address = new URL(location.pathname, location.href);
  address.searchParams.set("part", "live");
  try {
    const answer = await fetch(address, { cache: "no-store" });
    if (answer.status === 403) { pulse.textContent = pulse.dataset.closed; return; }
    if (!answer.ok) throw new Error(answer.status);
    show(await answer.text());
  } catch { pulse.textContent = pulse.dataset.failed; }
  if (!document.hidden) timer = setTimeout(look, EVERY);
}

document.addEventListener("visibilitychange", () => {
  clearTimeout(timer);
  if (!document.hidden) look();
});
pulse.hidden = false;
timer = setTimeout(look, EVERY);
