// Drawing (界面元素): elements from words, never from markup, so that nothing typed by anybody can become a script.

import { say } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

function dress(el, attributes) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) el.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "disabled") el[name] = value;
    else el.setAttribute(name, value === true ? "" : value);
  }
}
export function h(tag, attributes, ...children) {
  const el = document.createElement(tag);
  dress(el, attributes);
  el.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return el;
}
export function svg(tag, attributes, ...children) {
  const el = document.createElementNS(SVG, tag);
  dress(el, attributes);
  el.append(...children.flat(3).filter(Boolean));
  return el;
}

const PATHS = {
  today: "M5 4h14v16H5zM8 2v4M16 2v4M5 9h14M9 14l2 2 4-4",
  map: "M3 6l6-2 6 2 6-2v14l-6 2-6-2-6 2zM9 4v14M15 6v14",
  camera: "M3 8h4l2-3h6l2 3h4v11H3zM12 17a4 4 0 1 0 0-8 4 4 0 0 0 0 8z",
  outbox: "M4 13v6h16v-6M12 15V4M8 8l4-4 4 4",
  more: "M5 6h14M5 12h14M5 18h14",
  back: "M15 5l-7 7 7 7",
};
export const icon = (name) => svg("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true", focusable: "false" }, svg("path", { d: PATHS[name] }));

export const button = (words, act, kind = "", more = {}) => h("button", { type: "button", class: `btn ${kind}`.trim(), onclick: act, ...more }, words);
export const link = (words, to, kind = "") => h("a", { href: `#/${to}`, class: kind }, words);
export const note = (tone, ...words) => h("div", { class: `note ${tone}` }, words.map((w) => (typeof w === "string" ? h("p", {}, w) : w)));
export const empty = (...words) => h("div", { class: "empty" }, words.map((w) => (typeof w === "string" ? h("p", {}, w) : w)));

// Said to a screen reader, and shown for a moment (提示).
export function announce(words) {
  const place = document.getElementById("said");
  place.textContent = "";
  requestAnimationFrame(() => { place.textContent = words; });
}

// A question that stops the hand (再问一次): resolves to true or false.
export function confirmed(question, yes, { risky = false } = {}) {
  return new Promise((resolve) => {
    const box = h("dialog", { class: "field-ask", "aria-labelledby": "asked" },
      h("p", { id: "asked", class: "lead" }, question),
      h("div", { class: "btns" },
        button(yes, () => box.close("yes"), risky ? "risky wide" : "wide"),
        button(say("不，回去", "No, go back"), () => box.close(""), "second wide")));
    box.addEventListener("close", () => { resolve(box.returnValue === "yes"); box.remove(); });
    document.body.append(box);
    box.showModal();
  });
}

// Addresses of pictures in memory, given back when the screen changes.
let shown = [];
export function picture(blob, alt, more = {}) {
  const url = URL.createObjectURL(blob);
  shown.push(url);
  return h("img", { src: url, alt, ...more });
}
export const sound = (blob) => {
  const url = URL.createObjectURL(blob);
  shown.push(url);
  return h("audio", { controls: true, src: url, preload: "metadata" });
};
export function giveBack() {
  const old = shown;
  shown = [];
  setTimeout(() => old.forEach((url) => URL.revokeObjectURL(url)), 1000);
}
