/* The wall: fetched anew each minute by its own attributes; here it says when it lost contact, fills the screen with F,
   goes round the areas if asked to. */
"use strict";
(() => {
  const wall = () => document.getElementById("main");
  const from = (event) => event.target === wall() || (event.detail.elt && event.detail.elt === wall());
  const lost = (event) => { if (from(event)) wall().querySelector("[data-lost]").hidden = false; };
  ["htmx:sendError", "htmx:responseError", "htmx:timeout"].forEach((name) => document.addEventListener(name, lost));
  // An answer that is no wall is not put in its place; whoever reads the table is not interrupted.
  document.addEventListener("htmx:beforeSwap", (event) => { if (event.detail.isError) event.detail.shouldSwap = false; });
  document.addEventListener("htmx:beforeRequest", (event) => { if (from(event) && wall().querySelector("details[open]")) event.preventDefault(); });

  function full() { if (document.fullscreenElement) document.exitFullscreen(); else document.documentElement.requestFullscreen().catch(() => undefined); }
  document.addEventListener("click", (event) => { if (event.target.closest("[data-full]")) full(); });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "f" && !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.closest("input,textarea,select")) full();
  });

  let next = 0;
  function ready() {
    const button = wall().querySelector("[data-full]");
    if (button && document.fullscreenEnabled) button.hidden = false;
    window.clearTimeout(next);
    const { rotate, next: url } = wall().dataset;
    if (rotate && url) next = window.setTimeout(() => {
      if (wall().querySelector("details[open]") || document.hidden) { ready(); return; }
      window.htmx.ajax("GET", url, { source: wall(), target: "#main", select: "#main", swap: "outerHTML" }).catch(() => undefined).finally(ready);
    }, Number(rotate) * 1000);
  }
  document.addEventListener("htmx:afterSettle", ready);
  ready();
})();
