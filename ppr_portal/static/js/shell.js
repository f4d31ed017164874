// What runs through every page: the search that Ctrl K opens, the help that ? opens, and single keys. Pages work without this file.
const search = document.getElementById("search-dialog");
const keys = document.getElementById("keys-dialog");
const SINGLE_KEYS = "ppr_single_keys";

function openDialog(dialog) {
  if (!dialog || dialog.open) return;
  for (const other of document.querySelectorAll("dialog[open]")) other.close();
  dialog.showModal();
  const field = dialog.querySelector("input[type=search]");
  if (field) {
    field.select();
    if (!field.value) field.dispatchEvent(new Event("search", { bubbles: true }));
  }
}

for (const opener of document.querySelectorAll("[data-opens]")) {
  opener.hidden = false;
  opener.addEventListener("click", (event) => {
    const dialog = document.getElementById(opener.dataset.opens);
    if (!dialog || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    openDialog(dialog);
  });
}

for (const dialog of document.querySelectorAll("dialog[data-dialog]")) {
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  });
}

// Up and down go from the field through what was found; Enter in the field opens the first of it.
search?.addEventListener("keydown", (event) => {
  const hits = [...search.querySelectorAll("[data-hit]")];
  const field = search.querySelector("input[type=search]");
  const place = hits.indexOf(document.activeElement);
  if (event.key === "Escape") {
    // Without this the first press would only empty the field.
    event.preventDefault();
    search.close();
  } else if (event.key === "ArrowDown" && hits.length) {
    event.preventDefault();
    hits[Math.min(place + 1, hits.length - 1)].focus();
  } else if (event.key === "ArrowUp" && place >= 0) {
    event.preventDefault();
    (place ? hits[place - 1] : field).focus();
  } else if (event.key === "Enter" && document.activeElement === field && hits.length && !search.querySelector(".htmx-request")) {
    event.preventDefault();
    hits[0].click();
  }
});

const single = document.querySelector("[data-single-keys]");
if (single) {
  single.checked = localStorage.getItem(SINGLE_KEYS) !== "off";
  single.addEventListener("change", () => localStorage.setItem(SINGLE_KEYS, single.checked ? "on" : "off"));
}

function isWriting(target) {
  return target.closest?.("input, textarea, select, [contenteditable]") || document.querySelector("dialog[open]");
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k" && search) {
    event.preventDefault();
    openDialog(search);
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target) || !single?.checked) return;
  if (event.key === "?") {
    event.preventDefault();
    openDialog(keys);
  } else if (event.key === "/") {
    const field = document.querySelector("main input[type=search]");
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.select();
  } else if (event.key === "n") {
    document.querySelector("main .pager a.push")?.click();
  }
});

// Passkeys are offered where the browser has them, and a refusal is told in the page.
if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("[data-needs-passkeys]")) form.hidden = false;
}

document.addEventListener("allauth.error", (event) => {
  const refused = document.querySelector("[data-passkey-refused]");
  if (!refused) return;
  event.preventDefault();
  refused.hidden = false;
});

// A list that was narrowed in place has another address than the one it was sent with.
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-saves-filter]")) event.target.elements.query.value = location.search.slice(1);
});
// There is something to save once the list is narrowed.
for (const moved of ["htmx:pushedIntoHistory", "htmx:replacedInHistory", "popstate"]) {
  addEventListener(moved, () => {
    for (const saver of document.querySelectorAll("[data-when-filtered]")) saver.hidden = !location.search;
  });
}
