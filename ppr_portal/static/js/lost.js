// Says when the network or the portal is lost, and that nothing was changed. Without this file the browser's own page says so.
const box = document.querySelector("[data-lost]");

function say(what) {
  for (const words of box.querySelectorAll("[data-lost-when]")) words.hidden = words.dataset.lostWhen !== what;
  box.dataset.lost = what;
  box.hidden = false;
}

function unsay(what) {
  if (!what || box.dataset.lost === what) box.hidden = true;
}

if (box) {
  if (!navigator.onLine) say("offline");
  addEventListener("offline", () => say("offline"));
  addEventListener("online", () => unsay("offline"));
  document.addEventListener("htmx:sendError", () => say(navigator.onLine ? "silent" : "offline"));
  document.addEventListener("htmx:timeout", () => say("silent"));
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status >= 500) say("broken");
  });
  document.addEventListener("htmx:afterSwap", () => unsay("silent"));
  box.querySelector("[data-lost-close]").addEventListener("click", () => unsay());
}
