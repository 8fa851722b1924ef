/* The desk by keys alone. Each key has a link or a button of its own; keys never work while somebody writes. */
"use strict";
(() => {
  const all = (sel, root) => [...(root || document).querySelectorAll(sel)];
  const ROWS = ".items .it > a, table.cases .what > a:first-child";
  const seen = (el) => el.getClientRects().length > 0;
  const one = (sel) => all(sel).find(seen);
  let going = 0;

  if (!document.body.hasAttribute("data-keys")) {
    all("[aria-keyshortcuts]").forEach((el) => el.removeAttribute("aria-keyshortcuts"));
    document.addEventListener("htmx:load", (event) => all("[aria-keyshortcuts]", event.target).forEach((el) => el.removeAttribute("aria-keyshortcuts")));
    return;
  }

  const rows = () => all(ROWS).filter(seen);
  const here = (list) => {
    const at = list.findIndex((row) => row === document.activeElement || row.closest("li,tr").contains(document.activeElement));
    return at >= 0 ? at : list.findIndex((row) => row.hasAttribute("aria-current"));
  };

  function move(step) {
    const list = rows(), at = here(list);
    const next = list[at < 0 ? (step > 0 ? 0 : list.length - 1) : Math.min(Math.max(at + step, 0), list.length - 1)];
    if (!next) return false;
    next.focus();
    next.scrollIntoView({ block: "nearest" });
    return true;
  }

  function tick() {
    const list = rows(), row = list[here(list)];
    const box = row && row.closest("li,tr").querySelector("input[type=checkbox]");
    if (!box) return false;
    box.click();
    row.focus();
    return true;
  }

  function back() {
    const list = rows();
    if (list.length) { (list[here(list)] || list[0]).focus(); return true; }
    const link = one("[data-back]");
    if (link) link.click();
    return Boolean(link);
  }

  function press(key) {
    if (going > Date.now()) {
      going = 0;
      const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
      if (link) window.location.assign(link.href);
      return Boolean(link);
    }
    switch (key) {
      case "j": case "arrowdown": return move(1);
      case "k": case "arrowup": return move(-1);
      case "o": { const list = rows(), row = list[here(list)]; if (row) row.click(); return Boolean(row); }
      case "u": return back();
      case "x": return tick();
      case "g": going = Date.now() + 2000; return true;
      case "?": document.getElementById("keys").showModal(); return true;
      default: {
        const target = all("[data-key]").find((el) => el.dataset.key.toLowerCase() === key && seen(el));
        if (!target) return false;
        if (target.matches("input,textarea,select")) target.focus(); else target.click();
        return true;
      }
    }
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    const sheet = document.querySelector("dialog[open]");
    if (sheet) { if (event.key === "Escape") { event.preventDefault(); sheet.close(); } return; }
    const key = event.key.toLowerCase();
    const arrow = key.startsWith("arrow");
    if (event.target.closest("input:not([type=checkbox],[type=radio]),textarea,select,[contenteditable],[data-map],[data-own-keys]")) return;
    if (arrow && !event.target.closest(".it,table.cases")) return; // elsewhere an arrow scrolls, or walks a group of choices
    if (key.length > 1 && !arrow) return;
    if (press(key)) event.preventDefault();
  });

  // After an act the row may be gone: the next one, at the same place, opens by itself, and what was done stays said.
  let left = null, kept = null;
  document.addEventListener("linli:changed", () => {
    const list = all("#list .it > a[data-row]");
    const open = document.querySelector("#case article[data-number]");
    if (!open || !list.length) return;
    const at = list.findIndex((row) => row.dataset.row === open.dataset.number);
    left = at < 0 ? null : { number: open.dataset.number, at };
  });
  document.addEventListener("htmx:load", (event) => {
    if (event.target.id === "list" && left) {
      const list = all("#list .it > a[data-row]");
      const gone = !list.some((row) => row.dataset.row === left.number);
      const next = list[Math.min(left.at, list.length - 1)];
      left = null;
      if (!gone || !next || window.matchMedia("(max-width: 72rem)").matches) return;
      const said = document.querySelector("#case [data-said-done]");
      kept = said && said.cloneNode(true);
      next.focus({ preventScroll: true });
      next.click();
    } else if (kept && event.target.matches && event.target.matches("article[data-number]")) {
      kept.querySelectorAll("[data-next]").forEach((el) => el.remove());
      kept.querySelectorAll("[data-then]").forEach((el) => { el.hidden = false; });
      event.target.prepend(kept);
      kept = null;
    }
  });
})();
