// What the page does beside Gradio: views, the reader, the drawer, keys, addresses.
import { reword, widen } from "./chips.js";
import { cut } from "./clipping.js";
import "./correcting.js";
import * as feed from "./feed.js";
import { body, find, findAll, home, kept, keptHere, language, reachable, request, toast, words } from "./page.js";
import * as picture from "./picture.js";
import { go, isChat, showPlace } from "./places.js";
import { closeReader, openReader, printReader, read, reading } from "./reader.js";
import { count } from "./seconds.js";
import "./timeline.js";
import { dismissTip, dismissTips, offerTip } from "./tips.js";

const help = find("#help");
const box = () => find("#question textarea"); // none on a view that was opened without the chat

// What lies under the drawer or the sheet cannot be reached until that is closed.
const sheet = matchMedia("(max-width: 1150px)");
function layers() {
  const covered = sheet.matches && reading();
  find("#stage").inert = covered || body.classList.contains("railed");
  find("#rail").inert = covered;
}
new MutationObserver(layers).observe(body, { attributeFilter: ["class"] });
sheet.addEventListener("change", layers);

function drawer(open) {
  body.classList.toggle("railed", open);
  const button = find("#masthead .drawer");
  button.setAttribute("aria-expanded", String(open));
  if (open) find("#new, #rail .new").focus();
  else if (find("#rail").contains(document.activeElement)) setTimeout(() => button.focus());
}

function fresh() {
  const button = find("#new");
  if (!button) return location.assign(home());
  button.click();
}

function filters() {
  find("#narrow > button")?.click();
}

// They lie over the conversation, and close when something else is done.
function closeFilters() {
  if (find("#narrow > button.open")) filters();
}

// Where a press begins tells what is meant: a list of theirs has closed by the time that it ends.
function besideFilters(event) {
  if (event.target.closest("#stage") && !event.target.closest("#composer")) closeFilters();
}
document.addEventListener("pointerdown", besideFilters);

const acts = {
  rail: () => drawer(!body.classList.contains("railed")),
  unshade: () => (body.classList.contains("railed") ? drawer(false) : closeReader()),
  theme: () => window.dispatchEvent(new Event("baowen-theme")),
  help: () => help.showModal(),
  "close-help": () => help.close(),
  "close-reader": closeReader,
  print: printReader,
  "print-talk": () => {
    if (box()) showPlace("chat");
    window.print();
  },
  closer: picture.closer,
  farther: picture.farther,
  whole: picture.whole,
  cut,
  new: fresh,
  "dismiss-tip": dismissTip,
  "dismiss-tips": dismissTips,
  recognise: feed.recognise,
  publish: feed.publish,
};

async function copy(text, said) {
  try {
    await navigator.clipboard.writeText(text);
    toast(said);
  } catch {
    toast(words().failed); // an address without https: browsers keep the clipboard shut
  }
}

// Gradio hears what is typed, then the press.
function ask(question) {
  const area = box();
  area.value = question;
  area.dispatchEvent(new Event("input", { bubbles: true }));
  setTimeout(() => find("#question .submit-button")?.click());
}

const links = {
  ".tab": picture.choose,
  ".turn": picture.turn,
  ".cite, .read": (link) => read(link.href, link),
  ".copy": async (link) => {
    const reply = await request(link.href);
    copy(await reply.text(), words().copied);
  },
  ".share": (link) => copy(link.href, words().linkCopied),
  ".view": (link) => {
    if (sheet.matches) closeReader();
    go(link.href);
  },
  ".print": async (link) => {
    if (await go(link.href)) window.print();
  },
  ".widen": widen,
  ".reword": reword,
  ".example": (link) => ask(new URL(link.href).searchParams.get("q")),
};

document.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-act], a, #new");
  for (const menu of findAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  if (!event.detail) besideFilters(event); // by a key
  if (!pressed || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (pressed.matches("#new, #talks .talk") && box()) return showPlace("chat"); // the rest is Gradio's
  const act = acts[pressed.dataset.act];
  const link = act ? null : Object.keys(links).find((selector) => pressed.matches(`a:is(${selector})`));
  if (!act && !link) return;
  event.preventDefault();
  if (act) act(pressed);
  else links[link](pressed);
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form.view")) return;
  event.preventDefault();
  go(`${event.target.action}?${new URLSearchParams(new FormData(event.target))}`);
});

const shown = () => find("#talks [data-conversation]").dataset.conversation;
const named = () => new URLSearchParams(location.search).get("c") || "";
window.addEventListener("popstate", () => {
  if (!isChat(location)) go(location.href, false);
  else if (!box() || named() !== shown()) location.reload();
  else showPlace("chat");
});

// Esc closes what is open, from the top down; only then it stops the answer.
function escape() {
  const menu = find("details.menu[open]");
  const stop = find("#question .stop-button");
  if (menu) {
    menu.open = false;
    find("summary", menu).focus();
  } else if (find("#narrow > button.open")) filters();
  else if (body.classList.contains("railed")) drawer(false);
  else if (stop) stop.click();
  else closeReader();
}

const keys = {
  "/": () => box()?.focus(),
  n: fresh,
  f: filters,
  r: () => (reading() ? closeReader() : openReader()),
  "?": acts.help,
};
const single = find("#single-keys");
single.checked = kept("single-keys") !== "0";
single.addEventListener("change", () => kept("single-keys", single.checked ? null : "0"));

function takeBack(event) {
  const last = findAll("#chat .said").at(-1);
  if (event.target.value || !last) return;
  event.preventDefault();
  write(last.textContent);
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || help.open) return;
  if (event.key === "Escape") return escape();
  if (event.key === "ArrowUp" && event.target === box()) return takeBack(event);
  if (event.key === "Enter" && event.target === box()) closeFilters();
  const writing = event.target.matches("input, textarea, select");
  if (writing || event.ctrlKey || event.metaKey || event.altKey || !single.checked || !keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});
help.addEventListener("click", (event) => { if (event.target === help) help.close(); });

function write(text) {
  box().value = text;
  box().dispatchEvent(new Event("input", { bubbles: true }));
}

// A reload loses nothing: what was being written, or asked and not answered, stands in the box again.
document.addEventListener("input", (event) => {
  if (event.target === box()) keptHere("draft", event.target.value);
});

// The question that is being answered. Gradio says with an error that its server is lost, and opens the page again once
// there is a server: then the question is asked again; after any other reload it stands in the box.
const questions = () => findAll("#chat .said");

function noteAsked() {
  const asked = questions();
  if (find("#chat .working .pulse")) {
    const narrowed = Boolean(find("#own-chips li")); // filters that a new page does not have
    keptHere("asked", JSON.stringify({ question: asked.at(-1)?.textContent, count: asked.length, narrowed }));
  } else keptHere("asked", null);
}
// Leaving the page cuts the answer off, which Gradio calls the same error at once; what is lost, it tries every 2 seconds.
let lostSince = 0;
setInterval(() => { lostSince = find(".toast-body.error") ? lostSince || performance.now() : 0; }, 500);
const isLost = () => lostSince && performance.now() - lostSince > 1000;
window.addEventListener("pagehide", () => keptHere("lost", isLost() ? "1" : null));

function resume() {
  const [asked, draft, lost] = [JSON.parse(keptHere("asked") || "null"), keptHere("draft"), keptHere("lost")];
  keptHere("asked", null);
  if (asked && asked.count > questions().length) {
    if (!lost || asked.narrowed) return write(asked.question);
    toast(words().askedAgain);
    return ask(asked.question);
  }
  if (draft && draft !== asked?.question && !box().value) write(draft);
}

// The chat component labels a message with its markup; a screen reader should hear its words.
function messages() {
  count();
  offerTip();
  noteAsked();
  for (const flag of findAll('#chat [aria-label="Feedback"]')) {
    flag.title = words().feedback;
    flag.setAttribute("aria-label", words().feedback);
  }
  for (const message of findAll('#chat [aria-label*="<"]')) message.setAttribute("aria-label", message.innerText);
  if (find("#chat .answer") && !find("#chat .working") && !box().value) keptHere("draft", null);
}

// Gradio's button that opens a calendar has no name of its own; it is made when the filters are first opened.
function calendars() {
  for (const button of findAll("#narrow button.calendar:not([aria-label])")) {
    const name = find("[data-testid=block-info]", button.closest(".block"));
    button.setAttribute("aria-label", name.textContent.trim());
  }
}

if (box()) {
  new MutationObserver(calendars).observe(find("#narrow"), { subtree: true, childList: true });
  calendars();
  resume();
  new MutationObserver(messages).observe(find("#chat"), { subtree: true, childList: true });
  messages();
  if (isChat(location) && matchMedia("(min-width: 761px)").matches) box().focus({ preventScroll: true });
  if (isChat(location)) document.documentElement.lang = language() === "en" ? "en" : "zh-CN";
}
if (!navigator.onLine) reachable(false);
body.dataset.ready = home();
