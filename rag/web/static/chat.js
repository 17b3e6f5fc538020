// The conversation: asks, shows the answer as it comes, stops, asks again, rates.
import { filters, setFilters } from "./filters.js";
import { body, element, find, findAll, fragment, home, kept, keptHere, language, make, send, toast, words } from "./page.js";
import { showPlace } from "./places.js";
import { markTalk, refreshTalks } from "./talks.js";

const box = find("#question-box");
const turns = find("#turns");
let conversation = body.dataset.conversation;
let underWay = null; // {controller, turn, question, replaced}
let over = Promise.resolve(); // when nothing is under way any more
let ticking;

export const busy = () => underWay !== null;
export const current = () => conversation;

export function grow() {
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
}

export function write(text) {
  box.value = text;
  keptHere("draft", text);
  grow();
  box.focus();
}

export const lastQuestion = () => findAll(".turn", turns).at(-1)?.dataset.question || "";

function placed(question, replaced) {
  const identity = replaced[0]?.dataset.turn;
  const turn = make("article", "", { class: "turn working", "data-question": question, ...(identity && { "data-turn": identity }) });
  const asked = make("header", "", { class: "asked" });
  asked.append(make("p", question, { class: "question" }));
  const status = make("p", "", { class: "status" });
  status.append(
    make("span", "", { class: "pulse", "aria-hidden": "true" }),
    make("span", words.searching, { class: "stage", role: "status" }),
    make("span", "", { class: "seconds", "aria-hidden": "true" }),
  );
  turn.append(asked, status);
  turns.append(turn);
  for (const old of replaced) old.remove();
  inSight(turn);
  return turn;
}

function inSight(turn) {
  find("#chat").scrollTop += turn.getBoundingClientRect().top - find("#chat").getBoundingClientRect().top;
}

function shown(working) {
  find("#ask").hidden = working;
  find("#stop").hidden = !working;
  clearInterval(ticking);
  if (!working) return;
  const started = Date.now();
  ticking = setInterval(() => {
    const seconds = underWay && find(".seconds", underWay.turn);
    if (seconds) seconds.textContent = `${Math.round((Date.now() - started) / 1000)} ${words.seconds}`;
  }, 1000);
}

// options.again: the turn that is asked again; options.everywhere: dates in the question are not searched in.
export function ask(question, { again = null, everywhere = false } = {}) {
  question = question.trim();
  if (!question || busy()) return;
  showPlace("chat");
  const all = findAll(".turn", turns);
  const replaced = all.includes(again) ? all.slice(all.indexOf(again)) : [];
  underWay = { controller: new AbortController(), question, replaced, turn: placed(question, replaced) };
  keptHere("asked", question);
  shown(true);
  over = answer({
    question,
    conversation,
    again: replaced[0]?.dataset.turn || "",
    read_dates: !everywhere,
    filters: filters(),
    language,
  });
}

async function answer(asked) {
  let last = "";
  try {
    const reply = await send("/chat", asked, { signal: underWay.controller.signal });
    if (!reply.ok) throw new Error(String(reply.status));
    for await (const step of steps(reply.body)) {
      take(step);
      last = step.kind;
    }
    if (last !== "done" && last !== "problem") throw new Error("cut off");
  } catch (error) {
    ended(error.name === "AbortError" ? words.stopped : words.failed);
  } finally {
    keptHere("asked", null);
    underWay = null;
    shown(false);
  }
}

async function* steps(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) if (line) yield JSON.parse(line);
  }
}

function take(step) {
  if (step.conversation && step.conversation !== conversation) begun(step.conversation);
  const { turn } = underWay;
  if (step.kind === "status") {
    find(".stage", turn).textContent = step.text;
  } else if (step.kind === "draft") {
    if (!step.text) return;
    const draft = find(".draft", turn);
    if (draft.hidden) find(".stage", turn).textContent = words.drafting;
    draft.hidden = false;
    draft.append(step.text);
  } else {
    const fresh = element(step.html);
    const seconds = find(".seconds", turn)?.textContent;
    if (seconds && find(".seconds", fresh)) find(".seconds", fresh).textContent = seconds;
    if (turn.dataset.turn) fresh.dataset.turn ||= turn.dataset.turn;
    turn.replaceWith(fresh);
    underWay.turn = fresh;
    if (step.kind === "problem" && !box.value) write(underWay.question);
    if (step.kind === "done") answered(fresh);
  }
}

function answered(turn) {
  refreshTalks();
  const badge = find(".badge", turn).textContent;
  find("#announce").textContent = `${badge} ${find(".told", turn).textContent}`;
  const tip = find('.tip[data-tip="cite"]');
  if (!kept("tip-cite") && find("a.cite", turn)) tip.hidden = false;
}

// Stopped or failed: what stood there before comes back.
function ended(why) {
  const { turn, question, replaced } = underWay;
  if (replaced[0]?.dataset.turn) {
    turn.replaceWith(...replaced);
    toast(why);
  } else {
    turn.classList.replace("working", "ended");
    const again = make("button", words.again, { type: "button", class: "plain", "data-act": "repeat" });
    turn.replaceChildren(find(".asked", turn), make("p", why, { class: "status", role: "status" }), again);
  }
  if (why === words.failed && !box.value) write(question);
}

function begun(identity) {
  conversation = identity;
  const address = `${home}?c=${encodeURIComponent(identity)}`;
  if (body.dataset.view === "chat") history.replaceState(null, "", address);
  refreshTalks();
}

export function stop() {
  underWay?.controller.abort();
  return over;
}

// A turn asked again: with other words, everywhere, or as it was. One that was never answered is only replaced.
export function askAgain(turn, question = turn.dataset.question, everywhere = false) {
  ask(question, { again: turn, everywhere });
}

export function edit(turn, text) {
  if (find(".question-edit", turn) || busy()) return;
  const form = make("form", "", { class: "question-edit" });
  const area = make("textarea", "", { "aria-label": find("label", find("#question")).textContent, rows: "2" });
  area.value = text;
  const row = make("div", "", { class: "row" });
  const cancel = make("button", words.cancel, { type: "button", class: "plain" });
  row.append(cancel, make("button", words.save, { type: "submit", class: "plain strong" }));
  form.append(area, row);
  const asked = find(".asked", turn);
  const before = [...asked.children];
  const back = () => asked.replaceChildren(...before);
  asked.replaceChildren(form);
  area.focus();
  cancel.addEventListener("click", back);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    back();
    askAgain(turn, area.value);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) form.requestSubmit();
    else if (event.key === "Escape") back();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}

export async function rate(turn, liked, reason, button) {
  const reply = await send(`/answers/${turn.dataset.turn}/rating`, { liked, reason });
  if (!reply.ok) return toast(words.failed);
  find('[data-act="up"]', turn).setAttribute("aria-pressed", String(liked));
  find(".why > summary", turn).classList.toggle("pressed", !liked);
  button.closest("details")?.removeAttribute("open");
  toast(words.noted);
}

export async function openTalk(identity, push = true) {
  await stop();
  if (identity) {
    const reply = await fragment(`/conversations/${encodeURIComponent(identity)}/turns?lang=${language}`);
    turns.innerHTML = reply.ok ? await reply.text() : "";
    if (!reply.ok) identity = "";
  } else {
    turns.replaceChildren();
  }
  conversation = identity;
  if (push) history.pushState(null, "", identity ? `${home}?c=${encodeURIComponent(identity)}` : home);
  showPlace("chat");
  markTalk(identity);
  const last = turns.lastElementChild;
  if (last) inSight(last);
  else find("#chat").scrollTop = 0;
  if (matchMedia("(min-width: 761px)").matches) box.focus({ preventScroll: true });
}

// What the address says: a question, filters.
export function fillFrom(query) {
  const values = Object.fromEntries(query);
  if (Object.keys(values).some((name) => name !== "c" && name !== "q")) setFilters(values);
  if (values.q) write(values.q);
}

box.addEventListener("input", () => {
  keptHere("draft", box.value);
  grow();
});
find("#composer").addEventListener("submit", (event) => {
  event.preventDefault();
  if (!box.value.trim() || busy()) return;
  const question = box.value;
  write("");
  ask(question);
});
box.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    find("#composer").requestSubmit();
  } else if (event.key === "ArrowUp" && box.value === "" && lastQuestion()) {
    event.preventDefault();
    write(lastQuestion());
  }
});

// Reload and back lose nothing: what was being written, and a question whose answer was cut off, stand in the box.
fillFrom(new URLSearchParams(location.search));
if (!box.value) write(keptHere("asked") || keptHere("draft") || "");
keptHere("asked", null);
markTalk(conversation);
if (turns.lastElementChild) inSight(turns.lastElementChild);
