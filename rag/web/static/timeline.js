// The time line of hits: a stretch of it is drawn with the pointer, or with Shift and the arrow keys, and searched.
import { find, findAll } from "./page.js";
import { go } from "./places.js";

let drawn = null; // the time line with the places where the stretch begins and ends

const barsOf = (line) => findAll("li", line);
const ends = () => [Math.min(drawn.from, drawn.to), Math.max(drawn.from, drawn.to)];

function draw(line, from, to) {
  drawn = { line, from, to };
  const [first, last] = ends();
  const bars = barsOf(line);
  bars.forEach((bar, place) => bar.classList.toggle("drawn", place >= first && place <= last));
  const hits = bars.slice(first, last + 1).reduce((sum, bar) => sum + Number(bar.dataset.hits), 0);
  find("output", line.parentElement).textContent = `${bars[first].dataset.period} – ${bars[last].dataset.period}: ${hits}`;
}

function clear() {
  for (const bar of barsOf(drawn.line)) bar.classList.remove("drawn");
  find("output", drawn.line.parentElement).textContent = "";
  drawn = null;
}

function search() {
  const url = new URL(drawn.line.dataset.url, location.href);
  const [first, last] = ends().map((place) => barsOf(drawn.line)[place].dataset);
  url.searchParams.set("since", first.since);
  url.searchParams.set("until", last.until);
  drawn = null;
  go(url.href);
}

// The bar below or above the pointer; beyond the ends the first or the last.
function under(line, x) {
  const place = barsOf(line).findIndex((bar) => x < bar.getBoundingClientRect().right);
  return place < 0 ? barsOf(line).length - 1 : place;
}

let pressed = null;
document.addEventListener("pointerdown", (event) => {
  const line = event.target.closest(".timeline");
  if (!line || event.button) return;
  if (drawn) clear();
  pressed = { line, from: under(line, event.clientX) };
});
document.addEventListener("pointermove", (event) => {
  if (!pressed) return;
  const to = under(pressed.line, event.clientX);
  if (drawn || to !== pressed.from) draw(pressed.line, pressed.from, to);
});
document.addEventListener("pointerup", () => {
  const far = pressed && drawn && drawn.from !== drawn.to;
  if (far) search();
  else if (pressed && drawn) clear();
  pressed = null;
  // A press that ends where it began is a click, which follows; after a stretch none is meant.
  if (far) {
    document.addEventListener("click", swallow, true);
    setTimeout(() => document.removeEventListener("click", swallow, true));
  }
});
document.addEventListener("pointercancel", () => {
  if (pressed && drawn) clear();
  pressed = null;
});

function swallow(event) {
  event.preventDefault();
  event.stopPropagation();
}

// Where an arrow leads among the bars that have hits, from one of them.
function next(bars, place, key) {
  const linked = bars.flatMap((bar, at) => (find("a", bar) ? [at] : []));
  if (key === "Home") return linked[0];
  if (key === "End") return linked.at(-1);
  return linked[linked.indexOf(place) + (key === "ArrowLeft" ? -1 : 1)] ?? place;
}

document.addEventListener("keydown", (event) => {
  const line = event.target.closest?.(".timeline");
  if (!line) return;
  const bars = barsOf(line);
  if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) {
    const place = bars.indexOf(event.target.closest("li"));
    const to = next(bars, place, event.key);
    reach(line, find("a", bars[to])).focus();
    if (event.shiftKey) draw(line, drawn?.line === line ? drawn.from : place, to);
    else if (drawn) clear();
  } else if (event.key === "Enter" && drawn) search();
  else if (event.key === "Escape" && drawn) clear();
  else return;
  swallow(event);
}, true);

// Tab reaches one bar, the arrows the others.
function reach(line, link) {
  for (const other of findAll("a", line)) other.tabIndex = other === link ? 0 : -1;
  return link;
}

function ready() {
  const how = find("#browse-view .over-time .how[hidden]");
  if (!how) return;
  how.hidden = false;
  const line = find(".timeline", how.parentElement);
  reach(line, find("a", line));
}
new MutationObserver(ready).observe(find("#browse-view"), { subtree: true, childList: true });
ready();
