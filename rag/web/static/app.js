// Puts the page together: what each press does, keys, addresses.
import * as chat from "./chat.js";
import * as feed from "./feed.js";
import { openFilters, setFilters } from "./filters.js";
import { body, find, findAll, home, kept, reachable, request, toast, words } from "./page.js";
import { go, isChat } from "./places.js";
import { closeReader, openReader, printReader, read, reading } from "./reader.js";
import { remove, rename } from "./talks.js";

const help = find("#help");
const narrow = find("#narrow");
const turnOf = (button) => button.closest(".turn");

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
  if (open) find("#rail .new").focus();
  else if (find("#rail").contains(document.activeElement)) setTimeout(() => button.focus());
}

function dismiss(tip) {
  tip.hidden = true;
  kept(`tip-${tip.dataset.tip}`, "1");
}

const acts = {
  rail: () => drawer(!body.classList.contains("railed")),
  unshade: () => (body.classList.contains("railed") ? drawer(false) : closeReader()),
  theme: () => window.dispatchEvent(new Event("baowen-theme")),
  help: () => help.showModal(),
  "close-help": () => help.close(),
  "close-reader": closeReader,
  print: printReader,
  new: () => chat.openTalk(""),
  example: (button) => chat.ask(button.dataset.question),
  filters: () => openFilters(),
  unfilter: () => setFilters({}),
  stop: chat.stop,
  edit: (button) => chat.edit(turnOf(button), button.dataset.question || turnOf(button).dataset.question),
  again: (button) => chat.askAgain(turnOf(button)),
  repeat: (button) => chat.askAgain(turnOf(button)),
  everywhere: async (button) => {
    const { turn, question } = turnOf(button).dataset;
    const asked = turnOf(button);
    await chat.stop();
    const back = asked.isConnected ? asked : findAll("#turns .turn").find((other) => other.dataset.turn === turn);
    chat.askAgain(back, question, true);
  },
  unfiltered: (button) => {
    setFilters({});
    chat.askAgain(turnOf(button));
  },
  up: (button) => chat.rate(turnOf(button), true, "", button),
  down: (button) => chat.rate(turnOf(button), false, button.value, button),
  rename: (button) => rename(button.closest("[data-conversation]")),
  delete: async (button) => {
    if (await remove(button.closest("[data-conversation]"), button)) chat.openTalk("");
  },
  tip: (button) => dismiss(button.closest(".tip")),
  recognise: feed.recognise,
  publish: feed.publish,
};

async function copy(text, said) {
  try {
    await navigator.clipboard.writeText(text);
    toast(said);
  } catch {
    toast(words.failed); // an address without https: browsers keep the clipboard shut
  }
}

const links = {
  ".cite, .read": (link) => {
    if (link.matches(".cite")) dismiss(find('.tip[data-tip="cite"]')); // known by now
    read(link.href, link);
  },
  ".copy": async (link) => {
    const reply = await request(link.href);
    copy(await reply.text(), words.copied);
  },
  ".share": (link) => copy(link.href, words.linkCopied),
  ".talk": (link) => chat.openTalk(link.closest("[data-conversation]").dataset.conversation),
  ".view": (link) => {
    if (sheet.matches) closeReader();
    go(link.href);
  },
  ".ask": async (link) => {
    if (sheet.matches) closeReader();
    await chat.openTalk("");
    chat.fillFrom(new URL(link.href).searchParams);
  },
};

document.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-act], a");
  for (const menu of findAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  if (!pressed || event.ctrlKey || event.metaKey || event.shiftKey) return;
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

window.addEventListener("popstate", () => {
  if (isChat(location)) chat.openTalk(new URLSearchParams(location.search).get("c") || "", false);
  else go(location.href, false);
});

// Esc closes what is open, from the top down; only then it stops the answer.
function escape() {
  const menu = find("details.menu[open]");
  if (menu) {
    menu.open = false;
    find("summary", menu).focus();
  } else if (!narrow.hidden) {
    openFilters(false);
    find("#filters").focus();
  } else if (body.classList.contains("railed")) drawer(false);
  else if (chat.busy()) chat.stop();
  else closeReader();
}

const keys = {
  "/": () => find("#question-box").focus(),
  n: acts.new,
  f: () => openFilters(),
  r: () => (reading() ? closeReader() : openReader()),
  "?": acts.help,
};
const single = find("#single-keys");
single.checked = kept("single-keys") !== "0";
single.addEventListener("change", () => kept("single-keys", single.checked ? null : "0"));

document.addEventListener("keydown", (event) => {
  if (event.isComposing || help.open) return;
  if (event.key === "Escape") return escape();
  const writing = event.target.matches("input, textarea, select");
  if (writing || event.ctrlKey || event.metaKey || event.altKey || !single.checked || !keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});
help.addEventListener("click", (event) => { if (event.target === help) help.close(); });

const tip = find('.tip[data-tip="filters"]');
if (tip && !kept("tip-filters")) tip.hidden = false;
if (!navigator.onLine) reachable(false);
if (isChat(location) && matchMedia("(min-width: 761px)").matches) find("#question-box").focus({ preventScroll: true });
body.dataset.ready = home;
