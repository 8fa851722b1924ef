// Putting the app on the home screen (装到桌面): offered quietly where the browser allows it, told in words on an iPhone;
// whoever said no is not asked again on that page, and finds it under More.

import { tell } from "./bus.js";
import { button, h, note } from "./dom.js";
import { say } from "./words.js";

const KEPT = "linli_field_install"; // that somebody said no is no secret
let offered = null; // what the browser handed over

const standing = () => matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;
const onApple = () => /iPhone|iPad|iPod/.test(navigator.userAgent) || (/Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);

export function watchInstall() {
  addEventListener("beforeinstallprompt", (event) => { event.preventDefault(); offered = event; tell("install", false); });
  addEventListener("appinstalled", () => { offered = null; tell("install", false); });
}

async function ask() {
  const event = offered;
  offered = null; // a browser takes each offer once
  await event.prompt();
  tell("redraw", false);
}

const why = () => say("装到桌面，打开更快，手机也更不会清掉没发的内容。", "On the home screen it opens faster, and the phone is less likely to clear what is unsent.");
const byHand = () => say("在 Safari 里点“分享”，再点“添加到主屏幕”。", "In Safari press Share, then “Add to Home Screen”.");

// For More: the button, the sentence, or nothing.
export function installing() {
  if (standing()) return null;
  if (offered) return button(say("装到桌面", "Install on the home screen"), ask, "second wide");
  return onApple() ? h("p", { class: "hint" }, byHand()) : null;
}

// For Today: the same once, below the list.
export function installOffer() {
  const inner = localStorage.getItem(KEPT) ? null : installing();
  if (!inner) return null;
  const no = button(say("不用了", "No, thank you"), () => { localStorage.setItem(KEPT, "no"); tell("redraw", false); }, "second wide");
  return h("div", { class: "gap-top", id: "install" }, note("", why(), h("div", { class: "stack" }, inner, no)));
}
