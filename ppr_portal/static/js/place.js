// A page that a form leads back to opens where it was left, and what came of the form stays in sight. Without this file it opens at its top.
const KEY = "ppr_place";
const came = document.querySelector("[data-came]");

function formsTo(action) {
  return [...document.querySelectorAll("main form")].filter((one) => one.getAttribute("action") === action);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || !form.closest("main")) return;
  const action = form.getAttribute("action");
  sessionStorage.setItem(KEY, JSON.stringify({ path: location.pathname, y: scrollY, action, place: formsTo(action).indexOf(form) }));
});

function stay(kept) {
  const isSeen = came && came.getBoundingClientRect().bottom - kept.y > 0;
  if (came && !isSeen) came.classList.add("came--kept");
  scrollTo({ top: kept.y, behavior: "instant" });
  const forms = formsTo(kept.action);
  const form = forms[kept.place] ?? forms.at(-1);
  const control = [...(form?.querySelectorAll("button, input:not([type=hidden])") ?? [])].find((one) => one.checkVisibility());
  if (came && !isSeen) {
    // It is read first, and the keyboard goes on from where it was.
    form?.before(came);
    came.focus({ preventScroll: true });
    if (control && control.getBoundingClientRect().bottom > came.getBoundingClientRect().top) control.scrollIntoView({ block: "center", behavior: "instant" });
  } else {
    control?.focus({ preventScroll: true });
  }
}

const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
sessionStorage.removeItem(KEY);
if (kept?.y && kept.path === location.pathname && !location.hash && !document.querySelector("main .field--wrong")) stay(kept);

came?.querySelector("[data-came-close]").addEventListener("click", () => came.remove());
