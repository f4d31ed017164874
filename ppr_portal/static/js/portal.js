// Every page works without this file. It changes the colors at once, opens a reason in place, and closes what Escape should close.
const root = document.documentElement;
const COOKIE = "ppr_theme";
const YEAR_SECONDS = 60 * 60 * 24 * 365;

function chooseTheme(theme) {
  const isSystem = theme === "system";
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `${COOKIE}=${isSystem ? "" : theme}; path=/; samesite=lax; max-age=${isSystem ? 0 : YEAR_SECONDS}${secure}`;
  if (isSystem) delete root.dataset.theme;
  else root.dataset.theme = theme;
  for (const button of document.querySelectorAll("[data-theme-choice] [name=theme]")) {
    button.setAttribute("aria-pressed", String(button.value === theme));
  }
  document.dispatchEvent(new CustomEvent("ppr:theme"));
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-theme-choice]") || !event.submitter) return;
  event.preventDefault();
  chooseTheme(event.submitter.value);
});

// A reason that is already open closes again; its address goes back to the page without it.
function closeReason(opener) {
  document.getElementById(opener.getAttribute("aria-controls"))?.remove();
  opener.setAttribute("aria-expanded", "false");
  opener.closest("tr")?.classList.remove("table__open");
  const address = new URL(location.href);
  address.searchParams.delete("why");
  history.replaceState(history.state, "", address);
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("a.why[aria-expanded=true]");
  if (!opener) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  closeReason(opener);
}, { capture: true });

document.addEventListener("htmx:afterSwap", (event) => {
  const opener = event.detail.requestConfig?.elt;
  if (!opener?.matches("a.why")) return;
  opener.setAttribute("aria-expanded", "true");
  opener.closest("tr").classList.add("table__open");
});

// What somebody stood on may be gone after a swap; the keyboard goes on with what came in its place, else with the part itself.
const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary";
let stoodOn = null;
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target } = event.detail;
  const focused = document.activeElement;
  if (!target?.contains(focused) || focused === document.body) return;
  stoodOn = { part: target.id, form: focused.closest("form")?.getAttribute("action"), href: focused.getAttribute("href") };
});

document.addEventListener("htmx:afterSettle", (event) => {
  const was = stoodOn;
  stoodOn = null;
  if (!was || (document.activeElement && document.activeElement !== document.body)) return;
  const part = document.getElementById(was.part) ?? event.detail.elt;
  const all = [...part.querySelectorAll(CONTROLS)].filter((one) => one.checkVisibility());
  const same = all.find((one) => (was.href ? one.getAttribute("href") === was.href : was.form && one.closest("form")?.getAttribute("action") === was.form));
  if (!same && !part.hasAttribute("tabindex")) part.tabIndex = -1;
  (same ?? part).focus();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const reason = event.target.closest?.("[data-reason-of]");
  const opener = reason ? document.getElementById(reason.dataset.reasonOf) : event.target.closest?.("a.why[aria-expanded=true]");
  if (opener) {
    closeReason(opener);
    opener.focus();
    return;
  }
  const menu = event.target.closest?.("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// A form that came back begins where something is wrong with it.
document.querySelector("main .field--wrong :is(input, select, textarea), main .sheet__item:has(.field__error) input")?.focus();

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
