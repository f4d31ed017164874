// The administration's tabs within a page are anchors without an address, which Tab skips: they become buttons for the keyboard too.
// Its pages have no main part that a screen reader could go to: the column beside the sidebar is it.
"use strict";

const TABS = "a[x-on\\:click]:not([href])";

document.addEventListener("DOMContentLoaded", () => {
  document.getElementById("main")?.setAttribute("role", "main");
  // The tabs are a second navigation: they are named after the page that they divide.
  document.getElementById("tabs-items")?.setAttribute("aria-label", document.querySelector("h1")?.lastElementChild?.textContent.trim() ?? "");
  for (const tab of document.querySelectorAll(TABS)) {
    tab.tabIndex = 0;
    tab.setAttribute("role", "button");
  }
});

// What scrolls within the main part is named after the page, for the sidebar scrolls too.
window.addEventListener("load", () => {
  const title = document.querySelector("h1")?.lastElementChild?.textContent.trim();
  document.querySelectorAll("#main .simplebar-content-wrapper[role=region]").forEach((part, place) => {
    part.setAttribute("aria-label", place ? `${title} (${place + 1})` : title);
  });
});

document.addEventListener("keydown", (event) => {
  if ((event.key === "Enter" || event.key === " ") && event.target.matches(TABS)) {
    event.preventDefault();
    event.target.click();
  }
});
