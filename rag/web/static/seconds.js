// How long an answer has been under way: counted beside its status, which is drawn again with each message.
import { find, words } from "./page.js";

let began = 0;
let ticking = 0;

function show() {
  const place = find("#chat .working .seconds");
  if (!place) return;
  const text = words().seconds.replace("{count}", Math.round((Date.now() - began) / 1000));
  if (place.textContent !== text) place.textContent = text;
}

export function count() {
  const under = Boolean(find("#chat .working .seconds"));
  if (under && !ticking) {
    began = Date.now();
    ticking = setInterval(show, 500);
  } else if (!under && ticking) {
    clearInterval(ticking);
    ticking = 0;
  }
  if (under) show();
}
