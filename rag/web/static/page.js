// What the other scripts share: the page's words, requests to the server, what is kept in the browser.
export const body = document.body;
// What the masthead tells, which Gradio may draw after this has been read.
const given = () => find("#masthead").dataset;
export const words = () => JSON.parse(given().words);
export const language = () => given().language;
export const home = () => given().home;
export const root = () => given().root; // below which the archive's pages are, also behind a proxy's path

export const find = (selector, root = document) => root.querySelector(selector);
export const findAll = (selector, root = document) => [...root.querySelectorAll(selector)];

export function make(tag, text = "", attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

// A request that tells whether the server can be reached, and goes to the login where that is asked for.
export async function request(url, options = {}) {
  let reply;
  try {
    reply = await fetch(url, options);
  } catch (error) {
    if (error.name !== "AbortError") reachable(false);
    throw error;
  }
  reachable(true);
  if (reply.status === 401) location.assign(`${given().server}/login?lang=${language()}`);
  return reply;
}

export const fragment = (url) => request(url, { headers: { "X-Fragment": "1" } });

export function send(url, value, options = {}) {
  const headers = { "Content-Type": "application/json" };
  return request(url, { method: "POST", headers, body: JSON.stringify(value), ...options });
}

// A server that was lost is asked for until it answers; what could not be loaded is then loaded.
let lost = false;
let asking = 0;
const look = () => request(`${root()}/health`).catch(() => {});
export function reachable(yes) {
  const banner = find("#banner");
  const found = yes && lost;
  if (!yes) banner.textContent = words().offline;
  banner.hidden = yes;
  lost = !yes;
  clearTimeout(asking);
  if (lost) asking = setTimeout(look, 5000);
  if (!found) return;
  toast(words().online);
  window.dispatchEvent(new Event("baowen-reached"));
}
window.addEventListener("offline", () => reachable(false));
window.addEventListener("online", look);

let fading;
export function toast(text) {
  const shown = find("#toast");
  shown.textContent = text;
  shown.classList.add("shown");
  clearTimeout(fading);
  fading = setTimeout(() => shown.classList.remove("shown"), 2200);
}

// Private windows keep nothing; then nothing is remembered.
function store(area, name, value) {
  try {
    if (value === undefined) return area().getItem(`baowen-${name}`);
    if (value === null) area().removeItem(`baowen-${name}`);
    else area().setItem(`baowen-${name}`, value);
  } catch { /* as above */ }
  return null;
}
export const kept = (name, value) => store(() => localStorage, name, value);
export const keptHere = (name, value) => store(() => sessionStorage, name, value);
