// The list of earlier conversations, an HTML component of Gradio's: open, rename, delete are its events.
import { find, home, make, words } from "./page.js";

export function listen(list, trigger, watch) {
  // The conversations whose menu is open and whose deletion is asked about: both stay when the list is drawn again.
  let menu = "", doomed = "";
  list.addEventListener("click", (event) => {
    const pressed = event.target.closest(".talk, [data-talk]");
    if (!pressed || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const item = pressed.closest("li[data-conversation]");
    const { conversation } = item.dataset;
    if (pressed.matches(".talk")) trigger("select", { conversation });
    else if (pressed.dataset.talk === "rename") rename(item, (name) => trigger("edit", { conversation, name }));
    else if (pressed.dataset.sure) trigger("delete", { conversation });
    else {
      doomed = conversation; // pressed twice: the first time the button asks
      asks(pressed);
    }
  });
  list.addEventListener("toggle", ({ target }) => {
    const { conversation } = target.closest("li[data-conversation]").dataset;
    if (target.open) menu = conversation;
    else if (menu === conversation) menu = doomed = "";
  }, true);
  watch("value", () => {
    addressed(find("[data-conversation]", list).dataset.conversation);
    const again = menu && find(`li[data-conversation="${CSS.escape(menu)}"] .menu`, list);
    if (!again) return;
    again.open = true;
    if (doomed === menu) asks(find("[data-talk=delete]", again));
  });
}

function asks(button) {
  button.dataset.sure = "1";
  button.textContent = words().delete;
}

function rename(item, then) {
  const link = find(".talk", item);
  const field = make("input", "", { "aria-label": words().rename, maxlength: "80" });
  field.value = link.textContent;
  find(".menu", item).removeAttribute("open");
  link.hidden = true;
  link.before(field);
  field.focus();
  field.select();
  let over = false; // taken away, the field is left once more
  const end = (keep) => {
    if (over) return;
    over = true;
    link.hidden = false;
    field.remove();
    if (keep) then(field.value);
  };
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
    event.stopPropagation();
    end(event.key === "Enter");
  });
  field.addEventListener("blur", () => end(true));
}

// The address says which conversation is open, so that it can be opened again.
function addressed(conversation) {
  if (document.body.dataset.view !== "chat") return;
  const address = conversation ? `${home()}?c=${encodeURIComponent(conversation)}` : home();
  if (address !== location.pathname + location.search) history.replaceState(history.state, "", address);
}
