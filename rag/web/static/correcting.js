// The form for misread words: what was selected in the article is filled in when the form is opened.
import { find } from "./page.js";

let selected = "";
document.addEventListener("selectionchange", () => {
  const selection = getSelection();
  const text = selection.toString().trim();
  if (text && selection.anchorNode?.parentElement?.closest(".newspaper")) selected = text;
});

document.addEventListener("toggle", (event) => {
  if (!event.target.matches?.('details.correcting[open]:has([name="original"])')) return;
  for (const name of ["original", "replacement"]) {
    const field = find(`[name="${name}"]`, event.target);
    field.value ||= selected;
  }
  find('[name="replacement"]', event.target).focus();
}, true); // it does not bubble
