// Filters above the box, each with a button that drops it, and what else asks the last question again.
import { find, make, words } from "./page.js";

const triggers = {};

// Gradio's components #read-chips and #own-chips; each element is listened to once.
export function listen(list, trigger) {
  const own = Boolean(list.closest("#own-chips"));
  if (!own) triggers.read = trigger;
  list.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-drop]");
    if (pressed) trigger(own ? "clear" : "retry", { drop: pressed.dataset.drop });
  });
}

// In the address, since the chat component leaves a message no data of ours.
export const widen = (link) => triggers.read("retry", { drop: new URL(link.href).searchParams.get("drop") });

// How a follow-up was understood becomes a field; Enter asks so.
export function reword(link) {
  const shown = find("span", link.parentElement);
  const turn = new URL(link.href).pathname.split("/").at(-1);
  const field = make("input", "", { "aria-label": words().reword, maxlength: "500" });
  field.value = shown.textContent;
  shown.replaceWith(field);
  link.hidden = true;
  field.focus();
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
    event.stopPropagation();
    const question = field.value.trim();
    field.replaceWith(shown);
    link.hidden = false;
    if (event.key === "Enter" && question && question !== shown.textContent) triggers.read("apply", { turn, question });
    else link.focus();
  });
}
