// What the residents' pages gain when scripts run: reading aloud, and reasons that fit the rating.
"use strict";
(() => {
  const english = document.documentElement.lang === "en";
  const say = (zh, en) => (english ? en : zh);

  // Of a rating only the reasons that fit its level are asked; what no longer fits is not sent.
  const reasons = { praise: ["3", "4", "5"], blame: ["1", "2", "3"] };
  const fit = (form) => {
    const level = form.querySelector('input[name="satisfied"]:checked');
    Object.entries(reasons).forEach(([name, levels]) => {
      const first = form.querySelector(`input[name="${name}"]`);
      const field = first && first.closest("fieldset");
      if (!field) return;
      field.hidden = !level || !levels.includes(level.value);
      if (field.hidden) field.querySelectorAll("input:checked").forEach((box) => { box.checked = false; });
    });
  };
  document.querySelectorAll("form").forEach((form) => {
    if (!form.querySelector('input[name="satisfied"]')) return;
    form.addEventListener("change", () => fit(form));
    fit(form);
  });

  // Reading aloud: the main text, a piece at a time, begun and stopped by a button. Nothing begins by itself.
  const box = document.querySelector("[data-aloud]");
  const voice = window.speechSynthesis;
  if (box && !(voice && window.SpeechSynthesisUtterance)) box.remove();
  else if (box) {
    const [begin, stop] = box.querySelectorAll("button");
    const told = box.querySelector("[role=status]");
    const words = begin.querySelector("[data-words]");
    let pieces = [];
    let state = "idle";
    const show = (next, message) => {
      state = next;
      words.textContent = { idle: say("读给我听", "Read aloud"), reading: say("暂停", "Pause"), paused: say("接着读", "Go on") }[next];
      stop.hidden = next === "idle";
      told.textContent = message || "";
    };
    const text = () => {
      const main = document.getElementById("main").cloneNode(true);
      main.querySelectorAll("form, script, style, svg, [hidden], [data-aloud], .hide, .map, .qr, [aria-hidden=true]").forEach((el) => el.remove());
      const lines = [];
      const walk = (node) => {
        const block = [...node.children].filter((el) => /^(H[1-6]|P|LI|DT|DD|SECTION|UL|OL|DIV|NAV|DL|TABLE|TR|BLOCKQUOTE|DETAILS|SUMMARY|FIGCAPTION)$/.test(el.tagName));
        if (!block.length) { const said = node.textContent.replace(/\s+/g, " ").trim(); if (said) lines.push(said); return; }
        const own = [...node.childNodes].filter((n) => !block.includes(n)).map((n) => n.textContent).join(" ").replace(/\s+/g, " ").trim();
        if (own) lines.push(own);
        block.forEach(walk);
      };
      walk(main);
      return lines.flatMap((line) => line.match(/[^。！？；.!?;]{1,120}[。！？；.!?;]?/g) || []);
    };
    const failed = () => { pieces = []; show("idle", say("这个浏览器现在读不出来。请把音量调大再试，或请人念给您听，也可以打电话办。", "This browser cannot read it now. Turn the sound up and try again, ask somebody to read it, or call.")); };
    const next = () => {
      if (state !== "reading") return;
      const piece = pieces.shift();
      if (piece === undefined) { show("idle", say("读完了。", "That was all.")); return; }
      const spoken = new SpeechSynthesisUtterance(piece);
      spoken.lang = english ? "en-GB" : "zh-CN";
      spoken.rate = 0.9;
      spoken.onend = next;
      spoken.onerror = (event) => { if (event.error !== "canceled" && event.error !== "interrupted") failed(); };
      voice.speak(spoken);
    };
    begin.addEventListener("click", () => {
      if (state === "idle") { voice.cancel(); pieces = text(); show("reading"); next(); }
      else if (state === "reading") { voice.pause(); show("paused"); }
      else { voice.resume(); show("reading"); if (!voice.speaking) next(); }
    });
    stop.addEventListener("click", () => { pieces = []; state = "idle"; voice.cancel(); show("idle"); begin.focus(); });
    window.addEventListener("pagehide", () => voice.cancel());
    show("idle");
    box.hidden = false;
  }
})();
