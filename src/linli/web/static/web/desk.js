/* The desk with scripts: a list to the left that stays, a box to search in long choices. Nothing here is needed. */
"use strict";
(() => {
  const all = (sel, root) => (root || document).querySelectorAll(sel);
  const narrow = window.matchMedia("(max-width: 72rem)");

  // On a narrow screen, or when another tab is wanted, a row is the plain link that it is.
  document.addEventListener("click", (event) => {
    const row = event.target.closest(".it > a[hx-get]");
    if (row && (narrow.matches || event.ctrlKey || event.metaKey || event.shiftKey)) event.stopPropagation();
    const close = event.target.closest("[data-close]");
    if (close) close.closest("details").open = false;
    const cancel = event.target.closest("#do [data-cancel]");
    if (cancel && !window.location.pathname.includes("/do/")) { event.preventDefault(); document.getElementById("do").replaceChildren(); }
  }, true);

  // A drawing wider than the screen begins where a case begins.
  for (const frame of all(".drawing-frame")) {
    const start = frame.querySelector(".node.start");
    if (!start) continue;
    const here = start.getBoundingClientRect(), box = frame.getBoundingClientRect();
    frame.scrollLeft += here.left + here.width / 2 - box.left - box.width / 2;
    frame.scrollTop += here.top - box.top - 16;
  }

  // A refusal may say where it belongs.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const to = event.detail.isError && event.detail.xhr.getResponseHeader("HX-Retarget");
    if (to && document.querySelector(to)) event.detail.target = document.querySelector(to);
  });

  // After an act the list is fetched anew: the open case stays marked in it.
  function mark() {
    const open = document.querySelector("#case [data-number]");
    if (!open) return;
    all(".it > a[data-row]").forEach((a) => {
      if (a.dataset.row === open.dataset.number) a.setAttribute("aria-current", "true"); else a.removeAttribute("aria-current");
    });
  }

  function box(label, near) {
    const input = document.createElement("input");
    input.type = "search"; input.className = "in search"; input.placeholder = label;
    input.setAttribute("aria-label", label); input.autocomplete = "off";
    near.before(input);
    return input;
  }

  // A long list to choose one from: typing narrows it, the arrow keys go on in the list itself.
  function searchable(select) {
    const input = box(select.dataset.search, select);
    const whole = [...select.children];
    input.addEventListener("input", () => {
      const text = input.value.trim().toLowerCase();
      const chosen = select.value;
      const fits = (option) => !text || option.textContent.toLowerCase().includes(text);
      const kept = [];
      let first = "";
      whole.forEach((child) => {
        if (child.tagName !== "OPTGROUP") { if (!text || (child.value && fits(child))) kept.push(child); return; }
        const group = child.cloneNode(false);
        [...child.children].filter(fits).forEach((o) => { group.append(o.cloneNode(true)); first = first || o.value; });
        if (group.children.length) kept.push(group);
      });
      select.replaceChildren(...kept);
      const options = [...select.options];
      select.size = text ? Math.min(8, Math.max(2, options.length + select.querySelectorAll("optgroup").length)) : 0;
      const still = options.find((o) => o.value === chosen && chosen);
      select.value = still ? chosen : (text && options.length ? (first || options[0].value) : chosen);
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") { event.preventDefault(); select.focus(); }
      if (event.key === "Enter") { event.preventDefault(); select.focus(); }
    });
  }

  // A long list to tick in: typing hides what does not fit; what is ticked stays in sight.
  function pickable(list) {
    const input = box(list.dataset.pickSearch, list);
    input.addEventListener("input", () => {
      const text = input.value.trim().toLowerCase();
      all(".choice", list).forEach((row) => {
        row.hidden = Boolean(text) && !row.querySelector("input").checked && !row.textContent.toLowerCase().includes(text);
      });
    });
  }

  // "@" in a note offers colleagues who may see the case; without scripts the list below the text does the same.
  function mentions(form) {
    const text = form.querySelector("textarea");
    const list = document.createElement("ul");
    list.className = "offered"; list.id = "offered"; list.setAttribute("role", "listbox"); list.hidden = true;
    text.after(list);
    text.setAttribute("aria-controls", list.id); text.setAttribute("aria-autocomplete", "list"); text.setAttribute("aria-expanded", "false"); text.setAttribute("role", "combobox");
    let asked = 0, at = -1;
    const close = () => { list.hidden = true; at = -1; text.setAttribute("aria-expanded", "false"); text.removeAttribute("aria-activedescendant"); };
    const behind = () => /(?:^|[^\w.+-])@([^\s@]{0,20})$/.exec(text.value.slice(0, text.selectionStart));
    const take = (row) => {
      const found = behind();
      if (!found) { close(); return; }
      const start = text.selectionStart - found[1].length;
      text.setRangeText(`${row.dataset.name} `, start, text.selectionStart, "end");
      close(); text.focus();
    };
    const mark = (to) => {
      const rows = [...list.children];
      at = (to + rows.length) % rows.length;
      rows.forEach((row, i) => row.setAttribute("aria-selected", String(i === at)));
      text.setAttribute("aria-activedescendant", rows[at].id);
      rows[at].scrollIntoView({ block: "nearest" });
    };
    text.addEventListener("input", async () => {
      const found = behind(), mine = ++asked;
      if (!found) { close(); return; }
      let rows;
      try { rows = (await (await fetch(`${form.dataset.mentions}?q=${encodeURIComponent(found[1])}`)).json()).colleagues; } catch { rows = []; }
      if (mine !== asked) return;
      const twice = (name) => rows.filter((r) => r.name === name).length > 1;
      list.replaceChildren(...rows.map((r, i) => {
        const row = document.createElement("li"), post = document.createElement("span");
        row.id = `offered-${i}`; row.setAttribute("role", "option"); row.dataset.name = twice(r.name) ? r.username : r.name;
        row.textContent = `${r.name} `; post.className = "small"; post.textContent = r.post; row.append(post);
        row.addEventListener("mousedown", (event) => { event.preventDefault(); take(row); });
        return row;
      }));
      list.hidden = !rows.length;
      text.setAttribute("aria-expanded", String(!list.hidden));
      if (rows.length) mark(0); else close();
    });
    text.addEventListener("keydown", (event) => {
      if (list.hidden || event.isComposing) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); mark(at + (event.key === "ArrowDown" ? 1 : -1)); }
      if (event.key === "Enter" || event.key === "Tab") { event.preventDefault(); take(list.children[at]); }
      if (event.key === "Escape") { event.preventDefault(); close(); }
    });
    text.addEventListener("blur", close);
  }

  // Photos of a case one after the other, without leaving it; without scripts each opens as the link that it is.
  function viewer(from) {
    const english = document.documentElement.lang === "en";
    const photos = [...all("[data-photo]", from.closest(".pics"))];
    let at = photos.indexOf(from);
    const box = document.createElement("dialog");
    box.className = "viewer"; box.setAttribute("aria-label", english ? "Photos" : "照片");
    const img = document.createElement("img"), words = document.createElement("p"), foot = document.createElement("div");
    const button = (zh, en, does) => { const b = document.createElement("button"); b.type = "button"; b.className = "btn small second"; b.textContent = english ? en : zh; b.addEventListener("click", does); return b; };
    const show = (to) => { at = (to + photos.length) % photos.length; img.src = photos[at].href; img.alt = photos[at].dataset.photo; words.textContent = `${photos[at].dataset.photo}　${at + 1} / ${photos.length}`; };
    foot.className = "btns";
    if (photos.length > 1) foot.append(button("上一张 ←", "← Previous", () => show(at - 1)), button("下一张 →", "Next →", () => show(at + 1)));
    foot.append(button("关闭", "Close", () => box.close()));
    words.setAttribute("role", "status");
    box.append(img, words, foot);
    box.addEventListener("keydown", (event) => { if (event.key === "ArrowLeft") show(at - 1); if (event.key === "ArrowRight") show(at + 1); });
    box.addEventListener("close", () => { box.remove(); from.focus(); });
    document.body.append(box); show(at); box.showModal();
  }
  document.addEventListener("click", (event) => {
    const photo = event.target.closest("[data-photo]");
    if (!photo || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    viewer(photo);
  });

  function ready(root) {
    all("form[data-mentions]", root).forEach((f) => { if (!f.dataset.ready) { f.dataset.ready = "1"; mentions(f); } });
    all("select[data-search]", root).forEach((s) => { if (!s.dataset.ready) { s.dataset.ready = "1"; searchable(s); } });
    all("[data-pick-search]", root).forEach((l) => { if (!l.dataset.ready) { l.dataset.ready = "1"; pickable(l); } });
    mark();
    // A form that was asked for gets the focus: as a part of a case, or as the page that an act or a note is without htmx.
    const form = root.querySelector && root.querySelector(root === document ? "#do form" : "#do form, form.form");
    if (form && !root.querySelector("[data-focus]")) {
      const first = form.querySelector("input:not([type=hidden]), select, textarea");
      if (first) first.focus({ preventScroll: true });
    }
  }
  // What waits is counted down in words; at the end the page asks for it to be done. Closing the page changes nothing.
  function countDown(words) {
    const end = Date.now() + Number(words.dataset.hold) * 1000;
    const timer = window.setInterval(() => {
      const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
      words.textContent = words.dataset.words.replace("#", String(left));
      if (left) return;
      window.clearInterval(timer);
      const run = document.querySelector("form[data-hold-run]");
      if (run) run.requestSubmit();
    }, 250);
    window.addEventListener("pagehide", () => window.clearInterval(timer));
  }
  all("[data-hold]").forEach(countDown);

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => ready(document)); else ready(document);
  document.addEventListener("htmx:load", (event) => { if (event.target !== document.body) ready(event.target.parentElement || event.target); });
})();
