// First-time tips above the box: one at a time, where they help, until they are dismissed.
import { find, findAll, kept } from "./page.js";

const seen = new Set((kept("tips") || "").split(" "));

export function offerTip() {
  const tips = find("#tips");
  if (!tips || seen.has("all")) return;
  const fit = findAll("[data-tip]", tips).find((tip) => !seen.has(tip.dataset.tip) && find(tip.dataset.when));
  for (const tip of findAll("[data-tip]", tips)) tip.hidden = tip !== fit;
  tips.hidden = !fit;
}

function dismiss(...names) {
  for (const name of names) seen.add(name);
  kept("tips", [...seen].join(" ").trim());
  find("#tips").hidden = true;
  offerTip();
}

export const dismissTip = () => dismiss(find("#tips [data-tip]:not([hidden])").dataset.tip);
export const dismissTips = () => dismiss("all");
