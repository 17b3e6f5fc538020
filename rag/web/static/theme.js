// Before anything is drawn: dark or light, as the reader chose or the system has it.
(() => {
  "use strict";
  let chosen = null;
  try { chosen = localStorage.getItem("baowen-theme"); } catch { /* private windows keep nothing */ }
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const set = (name) => { document.documentElement.dataset.theme = name; };
  set(chosen || (dark.matches ? "dark" : "light"));
  dark.addEventListener("change", () => { if (!chosen) set(dark.matches ? "dark" : "light"); });
  window.addEventListener("baowen-theme", () => {
    chosen = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    set(chosen);
    try { localStorage.setItem("baowen-theme", chosen); } catch { /* as above */ }
  });
})();
