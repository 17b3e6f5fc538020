// The two views of an article, and the picture of its page: zoom, pan, turning pages.
import { load } from "./loading.js";
import { find, findAll, kept } from "./page.js";

const frameOf = (element) => find(".sheet-frame", element.closest(".printed-page"));
const sheetOf = (element) => element.closest?.(".sheet-frame");

// What is in sight: how many times the whole page it is, and its middle in fractions of the page, as the server gives it.
function view(frame) {
  const value = (name) => Number(frame.style.getPropertyValue(name));
  return { zoom: value("--zoom"), x: value("--x"), y: value("--y") };
}

function look(frame, { zoom, x, y }) {
  const near = Math.min(Math.max(zoom, 1), Number(frame.dataset.closest));
  const within = (middle) => Math.min(Math.max(middle, 0.5 / near), 1 - 0.5 / near);
  const set = { "--zoom": near, "--x": within(x), "--y": within(y) };
  for (const [name, value] of Object.entries(set)) frame.style.setProperty(name, String(value));
}

// Zoom about a point of the frame (from its middle, in fractions of it), which keeps its place.
function zoom(frame, factor, across = 0, down = 0) {
  const { zoom: before, x, y } = view(frame);
  const after = Math.min(Math.max(before * factor, 1), Number(frame.dataset.closest));
  const moved = 1 / before - 1 / after;
  look(frame, { zoom: after, x: x + across * moved, y: y + down * moved });
}

function pan(frame, across, down) {
  const { zoom: near, x, y } = view(frame);
  look(frame, { zoom: near, x: x + across / near, y: y + down / near });
}

const fromMiddle = (frame, point) => {
  const { left, top, width, height } = frame.getBoundingClientRect();
  return [(point.clientX - left) / width - 0.5, (point.clientY - top) / height - 0.5];
};

export const closer = (button) => zoom(frameOf(button), 1.5);
export const farther = (button) => zoom(frameOf(button), 1 / 1.5);
export const whole = (button) => look(frameOf(button), { zoom: 1, x: 0.5, y: 0.5 });

const keys = {
  "+": closer, "=": closer, "-": farther, _: farther, 0: whole,
  ArrowLeft: (frame) => pan(frame, -0.1, 0),
  ArrowRight: (frame) => pan(frame, 0.1, 0),
  ArrowUp: (frame) => pan(frame, 0, -0.1),
  ArrowDown: (frame) => pan(frame, 0, 0.1),
  PageUp: (frame) => find("[rel=prev]", frame.parentElement)?.click(),
  PageDown: (frame) => find("[rel=next]", frame.parentElement)?.click(),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const [frame, tab] = [sheetOf(event.target), event.target.closest?.("[role=tab]")];
  const next = tab && { ArrowLeft: "previousElementSibling", ArrowRight: "nextElementSibling" }[event.key];
  if (!(frame && keys[event.key]) && !(next && tab[next]) && !(tab && event.key === " ")) return;
  event.preventDefault();
  if (frame) keys[event.key](frame);
  else choose(next ? tab[next] : tab);
});

document.addEventListener("wheel", (event) => {
  const frame = sheetOf(event.target);
  if (!frame || (event.deltaY > 0 && view(frame).zoom === 1)) return; // the panel scrolls on
  event.preventDefault();
  zoom(frame, Math.exp(-Math.min(Math.max(event.deltaY, -200), 200) / 400), ...fromMiddle(frame, event));
}, { passive: false });

// One finger or the mouse drags, two fingers zoom; a press that does not move opens what it is on.
const fingers = new Map();
document.addEventListener("pointerdown", (event) => {
  if (sheetOf(event.target) && event.button === 0) fingers.set(event.pointerId, event);
});
document.addEventListener("pointermove", (event) => {
  const frame = sheetOf(event.target);
  const before = fingers.get(event.pointerId);
  if (!frame || !before) return;
  const [from, to] = [fromMiddle(frame, before), fromMiddle(frame, event)];
  if (!frame.hasPointerCapture(event.pointerId)) {
    if (Math.hypot(event.clientX - before.clientX, event.clientY - before.clientY) < 5) return;
    frame.setPointerCapture(event.pointerId); // its click is no longer one on a link
  }
  const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
  if (other) {
    const still = fromMiddle(frame, other);
    const apart = (point) => Math.hypot(point[0] - still[0], point[1] - still[1]) || 0.01;
    zoom(frame, apart(to) / apart(from), ...still);
  } else pan(frame, from[0] - to[0], from[1] - to[1]);
  fingers.set(event.pointerId, event);
});
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, (event) => fingers.delete(event.pointerId));

// An article that is reached by Tab comes into sight.
document.addEventListener("focusin", (event) => {
  const frame = sheetOf(event.target);
  if (!frame || frame === event.target || !event.target.matches(":focus-visible")) return;
  const { left, top, width, height } = event.target.getBoundingClientRect();
  pan(frame, ...fromMiddle(frame, { clientX: left + width / 2, clientY: top + height / 2 }));
});

function fill(panel, url) {
  const arrived = () => {
    const text = panel.closest(".views") && find(".text-view", panel.closest(".views"));
    if (text) find("img.described", panel)?.setAttribute("aria-describedby", text.id);
  };
  return load(panel, url, { arrived });
}

// Show the view of a tab; that of the page is loaded when it is first asked for.
export async function choose(tab) {
  const name = tab.dataset.view || "text";
  for (const each of findAll("[role=tab]", tab.parentElement)) {
    each.setAttribute("aria-selected", String(each === tab));
    each.tabIndex = each === tab ? 0 : -1;
    document.getElementById(each.getAttribute("aria-controls")).hidden = each !== tab;
  }
  tab.focus({ preventScroll: true });
  kept("reader-view", name);
  const panel = document.getElementById(tab.getAttribute("aria-controls"));
  if (!panel.childElementCount) await fill(panel, tab.href);
}

// An article opens in the view that was chosen last.
export async function chosen(opened) {
  const tab = find(`[data-view="${kept("reader-view")}"]`, opened);
  if (tab) await choose(tab);
}

export async function turn(link) {
  const panel = link.closest(".printed-page").parentElement;
  const again = link === document.activeElement ? `a[rel=${link.rel}]` : ".sheet-frame";
  if (!(await fill(panel, link.href))) return;
  (find(again, panel) || find(".sheet-frame", panel)).focus({ preventScroll: true });
}
