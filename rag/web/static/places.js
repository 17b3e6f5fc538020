// The views in the middle: the chat, and the pages beside it, which are loaded into it without leaving the chat.
import { load } from "./loading.js";
import { body, find, findAll, root, words } from "./page.js";

const holder = find("#browse-view");

export function showPlace(name, title = "") {
  body.dataset.view = name;
  body.classList.remove("railed");
  document.title = title ? `${title} · ${words().name}` : words().name;
  for (const link of findAll(".places a")) {
    if (link.dataset.place === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

const nameOf = (url) => url.pathname.slice(root().length).split("/")[1];

// The view takes the focus, so that Tab goes on in it; nobody chose it, so that it is not outlined.
function arrive() {
  holder.classList.add("arrived");
  holder.focus({ preventScroll: true });
  holder.addEventListener("blur", () => holder.classList.remove("arrived"), { once: true });
}

export async function go(address, push = true) {
  const url = new URL(address, location.href);
  const column = find(".column", holder);
  let due = push; // once, however often it is tried
  const shown = () => {
    if (due) history.pushState(null, "", url.href);
    due = false;
    showPlace(nameOf(url));
  };
  const arrived = () => {
    const heading = find("h2", column)?.textContent || "";
    showPlace(nameOf(url), heading);
    holder.setAttribute("aria-label", heading);
    holder.scrollTop = 0;
    if (push) arrive();
  };
  return load(column, url.href, { shown, arrived });
}

export const isChat = (url) => [`${root()}/`, `${root()}/en/`].includes(url.pathname);

const opened = find("#masthead").dataset.view;
showPlace(opened, opened === "chat" ? "" : find("h2", holder)?.textContent);
