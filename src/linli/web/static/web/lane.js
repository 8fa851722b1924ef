/* The fast lane by keyboard (窗口快速登记): the same form as without scripts, with fewer keys. */
"use strict";
(() => {
  const english = document.documentElement.lang === "en";
  const say = (zh, en) => (english ? en : zh);
  const form = document.querySelector("form[data-lane]");
  const finder = document.querySelector("form[data-find-person]");
  const NARROWED = 8, MANY = 4;
  const digit = (event) => (/^[1-9]$/.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey ? Number(event.key) : 0);

  function make(tag, props, ...inside) {
    const el = Object.assign(document.createElement(tag), props || {});
    el.append(...inside);
    return el;
  }

  async function ask(url, fields, from) {
    const body = new FormData();
    Object.entries(fields).forEach(([name, value]) => body.set(name, value));
    body.set("csrfmiddlewaretoken", from.querySelector("[name=csrfmiddlewaretoken]").value);
    const answer = await fetch(url, { method: "POST", body, headers: { "HX-Request": "true" }, redirect: "error" });
    const to = answer.headers.get("HX-Redirect");
    if (to) { window.location.assign(to); return ""; }
    return answer.status < 500 ? answer.text() : "";
  }

  /* ---------------------------------------------------------------- a list that narrows while one types */

  function narrowing(select, onward, quiet) {
    const options = [...select.options].filter((o) => o.value).map((o) => ({
      value: o.value, name: o.textContent, group: o.parentElement.label || "",
      words: `${o.textContent} ${o.parentElement.label || ""}`.toLowerCase(),
    }));
    const id = select.id;
    const list = make("ul", { id: `${id}-options`, className: "lane-options", hidden: true });
    list.setAttribute("role", "listbox");
    const input = make("input", { type: "text", id, className: "in", autocomplete: "off", placeholder: say("输入几个字查找", "Type to search") });
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) input.setAttribute(name, value);
    for (const name of ["aria-describedby", "aria-invalid", "aria-required"]) if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
    select.id = `${id}-plain`; select.dataset.ready = "1"; select.hidden = true;
    const label = document.querySelector(`label[for="${id}"]`);
    if (label) list.setAttribute("aria-label", label.textContent.trim());
    const box = make("div", { className: "lane-pick" }, input, list);
    select.before(box);
    let shown = [], at = -1;

    function fitting() {
      const wanted = input.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
      const fits = options.filter((o) => wanted.every((w) => o.words.includes(w) || (/^\d{4,}$/.test(w) && o.value.startsWith(w))));
      if (wanted.length) fits.sort((a, b) => Number(b.name.toLowerCase().startsWith(wanted[0])) - Number(a.name.toLowerCase().startsWith(wanted[0])));
      const seen = new Set();
      return fits.filter((o) => !seen.has(o.value) && seen.add(o.value)).slice(0, NARROWED);
    }
    function point(to) {
      at = to;
      [...list.children].forEach((row, i) => row.setAttribute("aria-selected", String(i === at)));
      const row = list.children[at];
      if (row) { input.setAttribute("aria-activedescendant", row.id); row.scrollIntoView({ block: "nearest" }); } else input.removeAttribute("aria-activedescendant");
    }
    function open() {
      shown = fitting();
      list.replaceChildren(...shown.map((o, i) => {
        const row = make("li", { id: `${list.id}-${i}` }, make("span", { textContent: o.name }), make("small", { textContent: o.group }));
        row.setAttribute("role", "option");
        row.addEventListener("mousedown", (event) => { event.preventDefault(); choose(o); onward(input); });
        return row;
      }));
      list.hidden = !shown.length;
      input.setAttribute("aria-expanded", String(!list.hidden));
      point(input.value.trim() && shown.length ? 0 : -1);
    }
    function close() { list.hidden = true; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); }
    function choose(o) { select.value = o.value; input.value = o.name; close(); select.dispatchEvent(new Event("change", { bubbles: true })); }
    function show() { const o = options.find((x) => x.value === select.value); input.value = o ? o.name : ""; }

    input.addEventListener("input", () => { select.value = ""; open(); });
    input.addEventListener("focus", () => { if (!select.value && !quiet) open(); });
    input.addEventListener("blur", () => {
      close();
      if (select.value) return;
      const same = options.find((o) => o.name === input.value.trim());
      if (same) choose(same);
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) { open(); point(shown.length ? 0 : -1); return; }
        point((at + (event.key === "ArrowDown" ? 1 : shown.length - 1) + (at < 0 && event.key === "ArrowUp" ? 1 : 0)) % shown.length);
      } else if (event.key === "Enter" && !event.ctrlKey) {
        event.preventDefault();
        if (!list.hidden && shown[at]) choose(shown[at]);
        close(); onward(input);
      } else if (event.key === "Escape" && !list.hidden) { event.stopPropagation(); close(); }
    });
    select.addEventListener("lane:show", show);
    show();
    return input;
  }

  /* -------------------------------------------------------------------------------------- the lane itself */

  function lane() {
    const phone = form.elements[form.dataset.phone], hidden = form.elements.person;
    const region = document.getElementById("lane-person"), hints = document.getElementById("lane-suggest");
    const said = document.getElementById("lane-said"), send = form.querySelector("[data-send]");
    const folded = (el) => el.closest("details:not([open])") || el.closest(".lane-map,.lane-more");
    const controls = (field) => [...field.querySelectorAll("input:not([type=hidden]),textarea,select")].filter((el) => !el.hidden && el.offsetParent && !folded(el));
    const first = (field) => { const all = controls(field); return all.find((el) => el.checked) || all[0]; };

    function onward(from) {
      const fields = [...form.querySelectorAll(".field")].filter((f) => first(f));
      const here = fields.findIndex((f) => f.contains(from));
      const next = fields[here + 1];
      const to = next ? first(next) : send;
      to.focus();
      if (to.select && to.type === "text") to.select();
    }

    for (const select of form.querySelectorAll("select")) if (select.options.length > MANY) narrowing(select, onward, select.name === form.dataset.category);

    // Whom it is for: a whole number is looked up once, and answered where it was typed.
    let looked = "", waiting = null;
    const plain = () => phone.value.replace(/[\s-]/g, "");
    const whole = (text, left) => /^1\d{10}$/.test(text) || /^\d{17}[\dXx]$/.test(text) || (left && /^0\d{9,11}$/.test(text));
    const called = form.elements[form.dataset.name];
    const naming = (needed) => { if (called) called.closest(".field").hidden = !needed; };
    function forget() { hidden.value = ""; region.replaceChildren(); looked = ""; naming(true); }
    async function look(left) {
      const text = plain();
      if (!whole(text, left) || text === looked) return;
      forget(); looked = text;
      region.replaceChildren(make("p", { className: "small", textContent: say("正在查…", "Looking…") }));
      try {
        const html = await ask(form.dataset.personUrl, { q: text, purpose: "register", lane: "1" }, form);
        if (plain() !== text) return;
        region.innerHTML = html;
      } catch { region.replaceChildren(); looked = ""; }
    }
    const cards = () => [...region.querySelectorAll("[data-person]")];
    function recognise(card) {
      hidden.value = card.dataset.person;
      if (/^\d{17}[\dXx]$/.test(plain())) phone.value = "";
      const again = make("button", { type: "button", className: "link", textContent: say("换一位", "Somebody else") });
      again.addEventListener("click", () => { forget(); phone.focus(); });
      region.replaceChildren(make("p", { className: "note ok" }, say("本人：", "For: "), make("b", { textContent: card.dataset.name || plain() }), " ", again));
      naming(false); onward(phone);
    }
    if (phone && region) {
      naming(!hidden.value);
      phone.addEventListener("input", () => { if (plain() !== looked) { forget(); waiting = look(false); } });
      phone.addEventListener("change", () => { waiting = look(true); });
      phone.addEventListener("keydown", async (event) => {
        if (event.key !== "Enter" || event.ctrlKey) return;
        event.preventDefault();
        if (!hidden.value) await Promise.all([waiting, look(true)]);
        if (!hidden.value && cards().length === 1) recognise(cards()[0]);
        else if (!hidden.value && cards().length) cards()[0].querySelector("[data-yes]").focus();
        else onward(phone);
      });
      region.addEventListener("click", (event) => {
        if (event.target.closest("[data-yes]")) recognise(event.target.closest("[data-person]"));
        if (event.target.closest("[data-no]")) { region.replaceChildren(); onward(phone); }
      });
    }

    // What it is: the words name categories, 1 to 3 takes one. A person decides.
    const words = form.elements.description;
    const chosen = form.dataset.category && form.elements[form.dataset.category];
    if (words && chosen && hints) {
      words.addEventListener("change", async () => {
        try { hints.innerHTML = words.value.trim() ? await ask(form.dataset.suggestUrl, { description: words.value }, form) : ""; } catch { hints.replaceChildren(); }
      });
      const take = (button) => {
        if (!button) return;
        chosen.value = button.dataset.category; chosen.dispatchEvent(new Event("lane:show"));
        send.focus();
      };
      hints.addEventListener("click", (event) => take(event.target.closest("[data-category]")));
      form.addEventListener("keydown", (event) => {
        const field = chosen.closest(".field");
        if (!digit(event) || !field.contains(event.target) || event.target.value) return;
        const button = hints.querySelectorAll("[data-category]")[digit(event) - 1];
        if (button) { event.preventDefault(); take(button); }
      });
    }

    // Keys that hold everywhere in the form.
    form.addEventListener("keydown", (event) => {
      if (event.defaultPrevented || event.isComposing) return;
      const at = event.target;
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(); return; }
      if (at.type === "radio" && digit(event)) {
        const one = form.querySelectorAll(`input[type=radio][name="${at.name}"]`)[digit(event) - 1];
        if (one) { event.preventDefault(); one.checked = true; onward(at); }
        return;
      }
      if (event.key === "Enter" && !event.shiftKey && at.matches("input:not([type=file]),textarea,select") && !folded(at) && at !== phone) { event.preventDefault(); onward(at); }
    });

    // Clearing can be taken back: nothing is lost by a slip of a finger.
    const kept = () => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !["csrfmiddlewaretoken", "key", "looked"].includes(name));
    function shown() { form.querySelectorAll("select").forEach((s) => s.dispatchEvent(new Event("lane:show"))); }
    function clear() {
      const before = kept();
      if (!before.some(([name, value]) => value && name !== "channel")) return;
      form.querySelectorAll("input:not([type=hidden],[type=radio],[type=checkbox]),textarea,select").forEach((el) => { el.value = ""; });
      form.querySelectorAll("input[type=radio],input[type=checkbox]").forEach((el) => { el.checked = false; });
      if (region) forget();
      if (hints) hints.replaceChildren();
      shown();
      const back = make("button", { type: "button", className: "btn small second", textContent: say("恢复刚才填的", "Restore it") });
      back.addEventListener("click", () => {
        for (const [name, value] of before) {
          const el = form.elements[name];
          if (el instanceof RadioNodeList) [...el].forEach((one) => { one.checked = one.value === value; }); else if (el) el.value = value;
        }
        shown(); said.replaceChildren(); waiting = look(true); (phone || send).focus();
      });
      said.replaceChildren(say("已清空。", "Cleared. "), back);
      begin();
    }
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("details.menu[open],dialog[open]")) clear();
    });

    // The row of other things to enter, where one is not writing.
    document.addEventListener("keydown", (event) => {
      const entry = document.querySelector(".lane-switch a");
      if (!entry || event.key.toLowerCase() !== "s" || event.ctrlKey || event.metaKey || event.altKey || !document.body.hasAttribute("data-keys")) return;
      if (event.target.closest("input:not([type=radio],[type=checkbox]),textarea,select,[data-map]")) return;
      event.preventDefault(); entry.focus();
    }, true);

    // The map is there for whoever wants it, and is not loaded before.
    const map = form.querySelector(".lane-map");
    function draw() {
      const place = map.closest("[data-place-later]");
      if (!map.open || place.hasAttribute("data-place")) return;
      place.setAttribute("data-place", "");
      place.parentElement.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true }));
    }
    if (map) { map.addEventListener("toggle", draw); draw(); }

    function begin() {
      const start = form.querySelector("[data-first]") || first(form.querySelector(".field"));
      if (start) start.focus();
    }
    if (!document.querySelector(".mend")) begin();
  }

  /* ------------------------------------------------------------------------------------- find a person */

  function find() {
    const number = finder.elements.q, whys = [...finder.querySelectorAll("[name=purpose]")];
    number.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !whys.some((w) => w.checked) && !finder.elements.why.value) { event.preventDefault(); whys[0].focus(); }
    });
    finder.addEventListener("keydown", (event) => {
      const one = event.target.type === "radio" && whys[digit(event) - 1];
      if (one) { event.preventDefault(); one.checked = true; finder.requestSubmit(); }
    });
    if (!document.querySelector(".mend")) (number.value ? whys[0] : number).focus();
  }

  if (form) lane();
  if (finder) find();
})();
