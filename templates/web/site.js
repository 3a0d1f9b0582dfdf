// Makes pages nicer and nothing more: times relative to the reader's clock, their zone, and a button that copies.
"use strict";

const STEPS = [["minute", 60], ["hour", 3600], ["day", 86400]];
const WEEK = 7 * 86400;

/** "3 hours ago" for times of the last week, the day for others; times to come stay as they are. */
function relative(time, language) {
  const seconds = (Date.now() - time) / 1000;
  if (seconds < 0) return "";
  if (seconds > WEEK) return new Intl.DateTimeFormat(language, { dateStyle: "medium" }).format(time);
  const [unit, size] = STEPS.findLast(([, length]) => seconds >= length) ?? STEPS[0];
  return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(-Math.floor(seconds / size), unit);
}

function retellTimes() {
  const language = document.documentElement.lang || "en";
  for (const time of document.querySelectorAll("time[datetime]:not([data-day])")) {
    const said = relative(new Date(time.dateTime), language);
    if (!said) continue;
    time.title ||= time.textContent;
    time.textContent = said;
  }
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  // Only in secure contexts; the field can still be selected.
  if (!navigator.clipboard) continue;
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = label; }, 2000);
    } catch {
      // Refused by the reader: the address stays selected.
    }
  });
}
for (const zone of document.querySelectorAll("[data-zone]")) zone.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
retellTimes();
