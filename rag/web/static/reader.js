// The reader on the right: an article at the cited words. It can be dragged wider, and closed.
import { load } from "./loading.js";
import { body, find, findAll, kept } from "./page.js";
import { chosen } from "./picture.js";

const panel = find("#panel");
const view = find("#reader");
const grip = find("#grip");
const [narrowest, widest] = [320, 900];
let opener = null;

export const reading = () => body.classList.contains("reading");

export function read(url, from) {
  const shown = () => {
    if (!panel.contains(from)) opener = from;
    for (const link of findAll("a.cite.current")) link.classList.remove("current");
    if (from.matches(".cite")) from.classList.add("current");
    openReader();
    find(".back", panel).focus({ preventScroll: true });
  };
  const arrived = async () => {
    view.scrollTop = 0;
    await chosen(view);
    find("mark", view)?.scrollIntoView({ block: "center", inline: "nearest" });
    find(".back", panel).focus({ preventScroll: true });
  };
  return load(view, url, { shown, arrived });
}

export function openReader() {
  if (view.childElementCount) body.classList.add("reading");
}

export function closeReader() {
  if (!reading()) return false;
  body.classList.remove("reading");
  for (const link of findAll("a.cite.current")) link.classList.remove("current");
  setTimeout(() => { if (opener?.isConnected) opener.focus({ preventScroll: true }); }); // no longer covered by then
  return true;
}

export function printReader() {
  body.classList.add("print-reader");
  window.addEventListener("afterprint", () => body.classList.remove("print-reader"), { once: true });
  window.print();
}

function width(pixels) {
  const set = Math.round(Math.min(Math.max(pixels, narrowest), widest, innerWidth * 0.6));
  document.documentElement.style.setProperty("--panel-width", `${set}px`);
  grip.setAttribute("aria-valuenow", String(set));
  kept("reader-width", String(set));
}

grip.addEventListener("pointerdown", (event) => {
  grip.setPointerCapture(event.pointerId);
  grip.classList.add("dragged");
});
grip.addEventListener("pointermove", (event) => {
  if (grip.classList.contains("dragged")) width(innerWidth - event.clientX);
});
grip.addEventListener("lostpointercapture", () => grip.classList.remove("dragged"));
grip.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: 40, ArrowRight: -40 }[event.key];
  if (!step) return;
  event.preventDefault();
  width(panel.offsetWidth + step);
});
if (Number(kept("reader-width"))) width(Number(kept("reader-width")));
