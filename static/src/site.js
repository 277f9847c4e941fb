// What pages do better with a script. Nothing here is needed: every page works without it.
"use strict";
document.documentElement.classList.add("js");

// Menus close on Escape, and when the reader goes elsewhere.
const menus = () => document.querySelectorAll("details[data-menu][open]");
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
addEventListener("click", (event) => {
  for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
});

// Copies exactly what the page was given, not what it shows grouped.
async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  const words = button.textContent;
  button.textContent = button.dataset.copied;
  setTimeout(() => { button.textContent = words; }, 2000);
}

// A form is sent once, however often the button is pressed; coming back by the history opens it again.
addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post" || event.target.dataset.again) return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "1";
});
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Of the parts of the console, the current one is in sight, however many there are.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// Errors at the top of a form take the focus, so that they are read first.
document.querySelector(".error-summary")?.focus();

// "Show all" lists that were open stay open when fresh counts replace them.
let opened = [];
document.addEventListener("htmx:beforeSwap", () => {
  opened = [...document.querySelectorAll("#facets details[open]")].map((list) => list.id);
});
document.addEventListener("htmx:afterSettle", () => {
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  // The link to the next page went with the page it stood on: reading goes on at the new one.
  if (document.activeElement === document.body) document.querySelector("#projects, #orders")?.focus({ preventScroll: true });
});

// Where a part of a page could not be fetched, the whole page is asked for: it says what is wrong.
for (const name of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(name, (event) => {
    if (event.target.closest("[data-fallback]")) location.assign(event.detail.pathInfo.finalRequestPath);
  });
}
