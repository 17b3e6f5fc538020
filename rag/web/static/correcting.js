// The form for misread words: what was selected in the article is filled in when the form is opened.
import { find } from "./page.js";

let selected = "";
let part = ""; // of the article, where the headline was selected
document.addEventListener("selectionchange", () => {
  const selection = getSelection();
  const text = selection.toString().trim();
  const place = selection.anchorNode?.parentElement;
  if (!text || !place?.closest(".newspaper")) return;
  selected = text;
  part = place.closest("[data-part]")?.dataset.part || "body";
});

document.addEventListener("input", (event) => { // what is typed may stand anywhere
  if (event.target.matches('.correcting [name="original"]')) find('[name="part"]', event.target.form).value = "";
});

document.addEventListener("toggle", (event) => {
  if (!event.target.matches?.('details.correcting[open]:has([name="original"])')) return;
  for (const name of ["original", "replacement"]) {
    const field = find(`[name="${name}"]`, event.target);
    if (field.value) continue;
    field.value = selected;
    find('[name="part"]', event.target).value = part;
  }
  find('[name="replacement"]', event.target).focus();
}, true); // it does not bubble
