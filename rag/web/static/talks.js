// The list of earlier conversations: find, rename, delete.
import { find, findAll, fragment, make, request, send, toast, words } from "./page.js";

const list = find("#talks");
let marked = "";

export function markTalk(identity) {
  marked = identity;
  for (const item of findAll("li[data-conversation]", list)) {
    const is = item.dataset.conversation === identity;
    item.classList.toggle("current", is);
    if (is) find(".talk", item).setAttribute("aria-current", "page");
    else find(".talk", item)?.removeAttribute("aria-current");
  }
}

export async function refreshTalks() {
  const query = find("#find-talk").value;
  const reply = await fragment(`${list.dataset.url}&q=${encodeURIComponent(query)}`);
  if (!reply.ok || query !== find("#find-talk").value) return;
  list.innerHTML = await reply.text();
  const { current } = await import("./chat.js");
  markTalk(current());
}

export function rename(item) {
  const link = find(".talk", item);
  const field = make("input", "", { "aria-label": words.rename, maxlength: "80" });
  field.value = link.textContent;
  find(".menu", item).removeAttribute("open");
  link.replaceWith(field);
  field.focus();
  field.select();
  let over = false;
  const end = async (keep) => {
    if (over) return;
    over = true;
    if (keep) await send(`/conversations/${item.dataset.conversation}/name`, { name: field.value });
    refreshTalks();
  };
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
    event.stopPropagation();
    end(event.key === "Enter");
  });
  field.addEventListener("blur", () => end(true));
}

// Pressed twice: the first time the button asks. Tells whether the conversation is gone.
export async function remove(item, button) {
  if (!button.dataset.sure) {
    button.dataset.sure = "1";
    button.textContent = words.delete;
    return false;
  }
  const reply = await request(`/conversations/${item.dataset.conversation}`, { method: "DELETE" });
  if (!reply.ok) {
    toast(words.failed);
    return false;
  }
  toast(words.deleted);
  refreshTalks();
  return item.dataset.conversation === marked;
}

let waiting;
find("#find-talk").addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(refreshTalks, 200);
});
