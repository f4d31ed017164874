// The administration's tabs within a page are anchors without an address, which Tab skips: they become buttons for the keyboard too.
// Its pages have no main part that a screen reader could go to: the column beside the sidebar is it.
"use strict";

const TABS = "a[x-on\\:click]:not([href])";

document.addEventListener("DOMContentLoaded", () => {
  document.getElementById("main")?.setAttribute("role", "main");
  for (const tab of document.querySelectorAll(TABS)) {
    tab.tabIndex = 0;
    tab.setAttribute("role", "button");
  }
});

// What scrolls within the main part, and the tabs that divide it, are named after the page, for the sidebar has both too.
window.addEventListener("load", () => {
  const title = document.querySelector("h1")?.lastElementChild?.textContent.trim() ?? "";
  for (const parts of ["#main .simplebar-content-wrapper[role=region]", "#main nav:not([aria-label])"]) {
    document.querySelectorAll(parts).forEach((part, place) => part.setAttribute("aria-label", place ? `${title} (${place + 1})` : title));
  }
  nameChoices();
  // Rows that are added have choices of their own, and the first ones are made late.
  new MutationObserver(nameChoices).observe(document.body, { childList: true, subtree: true });
});

// A choice that is searched has the name of the field that it stands for.
function nameChoices() {
  // The signs beside the lists of permissions say what they mean, which only a picture may.
  document.querySelectorAll(".help-tooltip[aria-label]:not([role])").forEach((sign) => sign.setAttribute("role", "img"));
  for (const shown of document.querySelectorAll(".select2-container:not([data-named])")) {
    const field = shown.previousElementSibling;
    const name = field?.labels?.[0]?.textContent.trim() || field?.getAttribute("aria-label") || field?.title;
    if (name) {
      shown.dataset.named = "";
      for (const part of shown.querySelectorAll("[role=combobox], [role=textbox]")) {
        part.setAttribute("aria-label", name);
      }
    }
  }
}

document.addEventListener("keydown", (event) => {
  if ((event.key === "Enter" || event.key === " ") && event.target.matches(TABS)) {
    event.preventDefault();
    event.target.click();
  }
});
