// What is loaded into a part of the page: until it is there the part says so; where it cannot be had, why, with a way to try again.
import { fragment, make, words } from "./page.js";

const SOON = 300; // milliseconds in which nothing need be said
const asked = new WeakMap(); // what each part waits for: only what was asked for last is shown

async function html(url) {
  const reply = await fragment(url);
  if (reply.ok || [400, 404].includes(reply.status)) return reply.text(); // what is wrong stands in the view itself
  const told = await reply.json().catch(() => ({}));
  throw new Error(told.error?.message || words().failed);
}

function problem(error, again) {
  const lost = error instanceof TypeError;
  const box = make("div", "", { class: "problem", role: "alert" });
  const button = make("button", words().again, { class: "plain", type: "button" });
  box.append(make("p", lost ? words().unreachable : error.message), button);
  let tried = false;
  const retry = () => {
    if (tried || !box.isConnected) return;
    tried = true;
    again();
  };
  button.addEventListener("click", retry);
  if (lost) window.addEventListener("baowen-reached", retry, { once: true });
  return box;
}

// ``shown``: called when the part shows anything of it; ``arrived``: when all is there, at once or after trying again.
export async function load(holder, url, { shown = () => {}, arrived = () => {} } = {}) {
  const mine = {};
  asked.set(holder, mine);
  const show = (part) => {
    holder.replaceChildren(part);
    shown();
  };
  const late = setTimeout(() => show(make("p", words().loading, { class: "empty", role: "status" })), SOON);
  try {
    const found = await html(url);
    if (asked.get(holder) !== mine) return false;
    holder.innerHTML = found; // made by our own templates, which escape what they are given
  } catch (error) {
    if (asked.get(holder) === mine) show(problem(error, () => load(holder, url, { shown, arrived })));
    return false;
  } finally {
    clearTimeout(late);
  }
  shown();
  await arrived();
  return true;
}
