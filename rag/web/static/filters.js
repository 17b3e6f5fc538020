// Where to search: the fields beside the box, and a chip for each that is used.
import { body, find, findAll, make, words } from "./page.js";

const panel = find("#narrow");
const opener = find("#filters");
const fields = findAll("input, select", panel);

export const filters = () => Object.fromEntries(fields.map((field) => [field.name, field.value]));

export function openFilters(open = panel.hidden) {
  panel.hidden = !open;
  opener.setAttribute("aria-expanded", String(open));
  if (open) fields[0].focus();
}

export function setFilters(values) {
  for (const field of fields) {
    const value = values[field.name] || "";
    if (value && field.options && ![...field.options].some((option) => option.value === value)) {
      field.append(make("option", value, { value })); // one of many, of which the list has the most frequent
    }
    field.value = value;
  }
  chips();
}

function chips() {
  const used = fields.filter((field) => field.value);
  body.toggleAttribute("data-filtered", used.length > 0);
  find("#chips").replaceChildren(...used.map((field) => {
    const before = field.type === "date" ? `${words[field.name]} ` : "";
    const named = field.name === "page" ? `${field.labels[0].firstChild.textContent.trim()} ` : "";
    const chip = make("li", before + named + field.value);
    const drop = make("button", "✕", { type: "button", "aria-label": `${words.drop}: ${field.value}` });
    drop.addEventListener("click", () => {
      field.value = "";
      chips();
      opener.focus();
    });
    chip.append(drop);
    return chip;
  }));
}

panel.addEventListener("change", chips);
document.addEventListener("pointerdown", (event) => {
  if (!panel.hidden && !panel.contains(event.target) && !opener.contains(event.target)) openFilters(false);
});
chips();
