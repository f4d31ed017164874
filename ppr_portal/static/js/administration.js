// The administration's tabs within a page are anchors without an address, which Tab skips: they become buttons for the keyboard too.
"use strict";

const TABS = "a[x-on\\:click]:not([href])";

document.addEventListener("DOMContentLoaded", () => {
  for (const tab of document.querySelectorAll(TABS)) {
    tab.tabIndex = 0;
    tab.setAttribute("role", "button");
  }
});

document.addEventListener("keydown", (event) => {
  if ((event.key === "Enter" || event.key === " ") && event.target.matches(TABS)) {
    event.preventDefault();
    event.target.click();
  }
});
