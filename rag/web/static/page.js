// What the page does by itself: opens articles and views beside the chat, copies answers, keys, dark and light.
(() => {
  "use strict";
  const fragment = { headers: { "X-Fragment": "1" } };

  async function load(url, into) {
    const reply = await fetch(url, fragment);
    into.innerHTML = await reply.text(); // made by our own templates, which escape what they are given
    into.scrollTop = 0;
    return into;
  }

  async function read(url) {
    const panel = document.getElementById("panel");
    const view = await load(url, document.querySelector("#reader .view-area"));
    panel.classList.add("reading");
    const mark = view.querySelector("mark");
    (mark || view).scrollIntoView({ block: "center", behavior: "auto" });
    const back = document.querySelector("#reader .back");
    if (back) back.focus({ preventScroll: true });
  }

  function back() {
    document.getElementById("panel").classList.remove("reading");
  }

  async function copy(link) {
    const text = await (await fetch(link.href)).text();
    await navigator.clipboard.writeText(text);
    const before = link.textContent;
    link.textContent = "✓ " + before;
    setTimeout(() => { link.textContent = before; }, 1500);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (event.target.closest("#reader .back")) return back();
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const area = link.closest(".view-area");
    if (link.matches(".cite, .read")) {
      event.preventDefault();
      read(link.href);
    } else if (link.matches(".copy")) {
      event.preventDefault();
      copy(link);
    } else if (link.matches(".view") && area) {
      event.preventDefault();
      load(link.href, area);
    }
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const area = form.closest(".view-area");
    if (!form.matches("form.view") || !area) return;
    event.preventDefault();
    load(form.action + "?" + new URLSearchParams(new FormData(form)), area);
  });

  document.addEventListener("keydown", (event) => {
    const box = document.querySelector("#question textarea");
    if (event.key === "Escape") {
      document.querySelector("#stop").click();
      back();
    } else if (event.key === "ArrowUp" && event.target === box && box.value === "") {
      const own = document.querySelectorAll("#chat .user .message");
      const last = own[own.length - 1];
      if (!last) return;
      event.preventDefault();
      box.value = last.innerText.trim();
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });

  // The chat component labels a message with its markup; a screen reader should hear its words.
  function label() {
    for (const message of document.querySelectorAll('#chat [aria-label*="<"]')) {
      message.setAttribute("aria-label", message.innerText);
    }
  }

  function theme(dark) {
    document.body.classList.toggle("dark", dark);
    try { localStorage.setItem("baowen-dark", dark ? "1" : "0"); } catch { /* private windows keep nothing */ }
  }

  window.baowen = {
    show: (name) => {
      const area = document.querySelector(`#${name} .view-area`);
      if (area) load(area.dataset.url, area);
    },
    theme: () => theme(!document.body.classList.contains("dark")),
    start: () => {
      const chat = document.getElementById("chat");
      if (chat) new MutationObserver(label).observe(chat, { subtree: true, childList: true });
      let kept = null;
      try { kept = localStorage.getItem("baowen-dark"); } catch { /* none is kept */ }
      if (kept !== null) theme(kept === "1");
      document.documentElement.lang = /\/en\/?$/.test(location.pathname) ? "en" : "zh";
    },
  };
})();
