// Adding an issue: files go up one by one, then are recognised, corrected and published.
import { find, findAll, language, make, request, root, send, toast, words } from "./page.js";

let chosen = [];

function choose(files, input) {
  const limit = Number(input.dataset.limit) << 20;
  const list = find("#files .chosen");
  chosen = [];
  list.replaceChildren(...[...files].map((file) => {
    if (file.size <= limit) {
      chosen.push(file);
      return make("li", file.name);
    }
    return make("li", input.dataset.large.replace("{name}", () => file.name), { class: "failed" });
  }));
  find("#recognise").disabled = chosen.length === 0;
}

export async function recognise(button) {
  const said = find("#feed-said");
  button.disabled = true;
  try {
    const tokens = [];
    for (const [number, file] of chosen.entries()) {
      said.textContent = `${words().uploading} ${number + 1}/${chosen.length}: ${file.name}`;
      const query = new URLSearchParams({ name: file.name, lang: language() });
      const headers = { "Content-Type": "application/octet-stream" };
      const reply = await request(`${root()}/feed/files?${query}`, { method: "POST", headers, body: file });
      const told = await reply.json();
      if (!reply.ok) throw new Error(told.error);
      tokens.push(told.file);
    }
    said.textContent = words().recognising;
    const reply = await send(`${root()}/feed/recognise`, { files: tokens, language: language() });
    if (!reply.ok) throw new Error(words().failed);
    find("#recognised").innerHTML = await reply.text(); // made by our own template
    said.textContent = find("#recognised .said").textContent;
  } catch (error) {
    said.textContent = error instanceof TypeError ? words().offline : error.message;
  }
  button.disabled = false;
}

export async function publish(button) {
  const said = find("#feed-said");
  const rows = findAll("#recognised tbody tr").map((row) => {
    const value = (name) => find(`[name=${name}]`, row).value;
    const fields = ["title", "kicker", "subtitle", "date", "page"].map((name) => [name, value(name)]);
    return { keep: find("[name=keep]", row).checked, ...Object.fromEntries(fields) };
  });
  button.disabled = true;
  said.textContent = words().publishing;
  try {
    const reply = await send(`${root()}/feed/publish`, { batch: find("#recognised [data-batch]").dataset.batch, rows, language: language() });
    const told = await reply.json();
    if (!reply.ok) throw new Error(told.error || words().failed);
    find("#recognised").replaceChildren();
    find("#files .chosen").replaceChildren();
    chosen = [];
    find("#recognise").disabled = true;
    said.textContent = [told.said, ...told.problems].join("\n");
    refreshHoldings();
  } catch (error) {
    said.textContent = error instanceof TypeError ? words().offline : error.message;
    button.disabled = false;
  }
}

// What the archive has now: the masthead's sentence. The filters and the welcome know it when the chat is opened next.
async function refreshHoldings() {
  const reply = await request(location.href);
  if (!reply.ok) return toast(words().failed);
  const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
  find("#masthead .holdings").textContent = find("#masthead .holdings", fresh).textContent;
}

document.addEventListener("change", (event) => {
  if (event.target.matches("#files input")) choose(event.target.files, event.target);
});
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const area = event.target.closest?.(".drop");
    if (!area) return;
    event.preventDefault();
    area.classList.toggle("over", kind === "dragover");
    if (kind !== "drop") return;
    choose(event.dataTransfer.files, find("input", area));
  });
}
