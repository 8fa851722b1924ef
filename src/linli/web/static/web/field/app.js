// The app (网格员应用): which screen is shown, the line to the office on each of them, and the lock.

import { expire } from "./bundle.js";
import { on } from "./bus.js";
import { announce, button, giveBack, h, icon, note } from "./dom.js";
import { watchInstall } from "./install.js";
import { counts, unseen } from "./queue.js";
import { isOpen } from "./seal.js";
import { note as known } from "./store.js";
import { begin, closeUp, line, sync, warning } from "./sync.js";
import { caseScreen } from "./ui-case.js";
import { actScreen, siteScreen } from "./ui-act.js";
import { door, enrolScreen } from "./ui-lock.js";
import { mapScreen } from "./ui-map.js";
import { changeScreen } from "./ui-change.js";
import { entryScreen, outboxScreen } from "./ui-outbox.js";
import { pinScreen, rescueScreen, settingsScreen } from "./ui-settings.js";
import { patrolScreen, photoScreen, reportScreen, takePhoto, visitScreen } from "./ui-new.js";
import { todayScreen } from "./ui-today.js";
import { length, lineWords, say, speakAsBefore } from "./words.js";

const LOCK_AFTER = 10 * 60 * 1000;
const SCREENS = {
  today: todayScreen, case: caseScreen, act: actScreen, site: siteScreen, report: reportScreen, photo: photoScreen,
  patrol: patrolScreen, visit: visitScreen, outbox: outboxScreen, entry: entryScreen, change: changeScreen, map: mapScreen, more: settingsScreen,
  pin: pinScreen, rescue: rescueScreen, enrol: enrolScreen,
};
const TOLD = { case: 1, act: 2, site: 1, entry: 1, change: 1 }; // words of the address that a screen takes
const SIGN_IN_AGAIN = new Set(["none", "expired", "unknown"]);
const root = document.getElementById("app");
let usedAt = Date.now();
let drawn = 0;
let leave = null; // what a screen stops doing when it is left

const way = () => location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);

export async function draw() {
  const turn = (drawn += 1);
  const shown = await compose();
  if (turn !== drawn) return; // something newer is being drawn
  leave?.();
  leave = shown.leave ?? null;
  giveBack();
  root.replaceChildren(...shown.parts);
  root.dataset.ready = shown.name;
  scrollTo(0, 0);
  const main = document.getElementById("main");
  if (turn > 1 && !main.contains(document.activeElement)) main.focus({ preventScroll: true });
  main.querySelector("[autofocus]")?.focus();
}

async function compose() {
  if (!isOpen() || (await known("gone")) || !(await known("device"))) return { name: "door", parts: [await door(draw)] };
  const [name, ...rest] = way();
  const screen = SCREENS[name] ?? todayScreen;
  const made = await screen(...rest.slice(0, TOLD[name] ?? 0));
  const main = h("main", { id: "main", class: "field-main", tabindex: "-1" }, made.body);
  const top = h("header", { class: "field-top" },
    made.back !== undefined && h("a", { class: "field-back", href: `#/${made.back}`, "aria-label": say("返回", "Back") }, icon("back")),
    h("h1", {}, made.title));
  return { name: SCREENS[name] ? name : "today", leave: made.leave, parts: [top, await banner(), main, made.foot && h("div", { class: "field-foot" }, made.foot), await tabs(name || "today")].filter(Boolean) };
}

async function banner() {
  const { n_unsent, n_refused } = await counts();
  const late = await warning();
  const calm = ["", "sending", "locked"].includes(line.state);
  const parts = [];
  if (late) {
    parts.push(note("bad", h("p", {}, h("b", {}, say(`有内容 ${length(Date.now() - late.oldest)}没发出去了。`, `Something has waited ${length(Date.now() - late.oldest)} to be sent.`))),
      h("p", {}, say("请到有信号的地方；实在不行，导出救急文件交给站长。", "Go where there is a signal; if nothing helps, export the rescue file and bring it to your lead.")),
      h("a", { class: "btn second wide", href: "#/rescue" }, say("导出救急文件", "Export the rescue file"))));
  }
  if (line.words) parts.push(note("warn", line.words[document.documentElement.lang.startsWith("en") ? "en" : "zh"]));
  const words = lineWords(line.state, n_unsent);
  if (!calm || n_refused) {
    parts.push(h("a", { class: `field-line ${calm ? "" : "off"}`, href: SIGN_IN_AGAIN.has(line.state) ? "#/enrol" : "#/outbox" }, h("span", { class: "dot" }),
      n_refused ? say(`${words}；${n_refused} 条要您看一下`, `${words}; ${n_refused} need you`) : words));
  }
  return h("div", { class: "field-banner", id: "banner" }, parts);
}

async function tabs(name) {
  const { n_unsent } = await counts();
  const n = n_unsent + (await unseen());
  const tab = (to, words, count = 0) => h("a", { href: `#/${to}`, class: "field-tab", "aria-current": name === to ? "page" : null },
    icon(to), h("span", {}, words), count > 0 && h("b", { class: "n" }, h("span", { class: "hide" }, say("，", ", ")), String(count)));
  const camera = h("input", { type: "file", id: "camera", accept: "image/*", capture: "environment", class: "hide", onchange: () => takePhoto(camera) });
  return h("nav", { class: "field-tabs", "aria-label": say("主菜单", "Main menu") },
    tab("today", say("今天", "Today")), tab("map", say("地图", "Map")),
    h("span", { class: "field-camera" }, camera, h("label", { for: "camera" }, icon("camera"), h("span", {}, say("拍照", "Photo")))),
    tab("outbox", say("待发", "To send"), n), tab("more", say("更多", "More")));
}

// Only what says how it stands is drawn again; what is being filled in stays as it is.
async function refresh() {
  if (!isOpen()) return;
  const old = document.getElementById("banner");
  const nav = root.querySelector(".field-tabs");
  const screen = root.dataset.ready;
  if (old) old.replaceWith(await banner());
  if (nav && !nav.contains(document.activeElement)) nav.replaceWith(await tabs(way()[0] || "today"));
  if (["outbox", "today"].includes(screen)) { const at = scrollY; await draw(); scrollTo(0, at); }
}

// A long queue takes long to draw: drawing gets a tenth of the time, sending the rest.
let waiting = null;
let pause = 150;
const soon = () => {
  waiting ??= setTimeout(async () => {
    const began = performance.now();
    try { await refresh(); } finally { waiting = null; pause = Math.max(150, 9 * (performance.now() - began)); }
  }, pause);
};

function watchUse() {
  const used = () => { usedAt = Date.now(); };
  for (const name of ["pointerdown", "keydown", "input"]) addEventListener(name, used, { passive: true, capture: true });
  const look = () => {
    if (isOpen() && Date.now() - usedAt > LOCK_AFTER) { closeUp(); draw(); }
  };
  setInterval(look, 15000);
  document.addEventListener("visibilitychange", look);
}

async function install() {
  if (!navigator.serviceWorker) return;
  const there = navigator.serviceWorker.controller;
  const registration = await navigator.serviceWorker.register("/field/sw.js", { scope: "/field/", updateViaCache: "none" });
  const offer = (worker) => worker?.addEventListener("statechange", () => {
    if (worker.state !== "installed" || !there) return;
    document.body.append(h("div", { class: "field-new", role: "status" }, say("有新版本。", "There is a new version."),
      button(say("现在换", "Change now"), () => worker.postMessage("take over"), "small")));
  });
  registration.addEventListener("updatefound", () => offer(registration.installing));
  if (there) navigator.serviceWorker.addEventListener("controllerchange", () => location.reload());
  registration.sync?.register?.("linli-field").catch(() => {});
}

speakAsBefore();
watchInstall();
begin();
watchUse();
addEventListener("hashchange", draw);
on("unlocked", () => { usedAt = Date.now(); if (way()[0] === "enrol") location.hash = "#/today"; draw(); sync(); });
on("queue", soon);
on("line", soon);
on("bundle", soon);
on("install", soon);
on("gone", () => { closeUp(); draw(); announce(say("这台手机上的内容已清除。", "Everything on this phone was erased.")); });
on("locked", () => { closeUp(); draw(); });
on("redraw", draw);
expire().then(draw);
install().catch((error) => console.warn(error));
