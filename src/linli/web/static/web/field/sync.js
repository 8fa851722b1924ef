// Contact with the office (与单位联系): hello, then the queue, then what is new. One tab at a time; the service worker sends nothing.

import { dropBundle, expire, fetchBundle, forgetHeld, keepUntil } from "./bundle.js";
import { on, tell } from "./bus.js";
import { call, forgetCredentials, NoAnswer } from "./net.js";
import { Busy, counts, send } from "./queue.js";
import { isOpen, keepSealed, lock as lockSeal, Locked } from "./seal.js";
import { all, keep, note, wipe } from "./store.js";

const FIRST = 2000; // milliseconds until the next try, doubled each time
const LONGEST = 5 * 60 * 1000;
const EVERY = 10 * 60 * 1000; // contact while all is well
const WARN_AFTER = 48 * 3600 * 1000;

// how it stands: state = "" | "sending" | "nothing" | "slow" | "portal" | "none" | "busy" | "locked"
export const line = { state: "", at: null, words: null, again: null };
let failures = 0;
let timer = null;
let running = null;

const become = (state, more = {}) => { Object.assign(line, { state }, more); tell("line", false); };

export function sync() {
  running ??= work().finally(() => { running = null; });
  return running;
}

async function work() {
  clearTimeout(timer);
  if (!isOpen()) return become("locked");
  if (await note("gone")) return undefined;
  return navigator.locks.request("linli-field-sender", { ifAvailable: true }, async (held) => {
    if (!held) { later(FIRST * 5); return; }
    try {
      become("sending");
      await contact();
      if (await note("gone")) return;
      failures = 0;
      await keep("contact_at", Date.now());
      if (line.state === "sending") become("", { at: Date.now() });
      later(EVERY);
    } catch (error) {
      failed(error);
    }
  });
}

function failed(error) {
  if (error instanceof Locked) return become("locked");
  failures += 1;
  const least = error instanceof Busy ? Math.max(FIRST, (error.wait ?? 0) * 1000) : FIRST;
  const wait = Math.max(least, Math.min(LONGEST, FIRST * 2 ** (failures - 1)) * (0.5 + Math.random()));
  const reason = error instanceof NoAnswer ? error.reason : "busy";
  if (!(error instanceof NoAnswer || error instanceof Busy)) console.warn(error);
  become(reason, { again: Date.now() + wait });
  if (reason !== "none") later(wait);
  return undefined;
}

function later(wait) {
  clearTimeout(timer);
  timer = setTimeout(sync, wait);
}

async function contact() {
  const hello = await sayHello();
  if (hello.state === "revoked") return destroy("revoked");
  await send();
  if (hello.state === "returning") {
    if ((await counts()).n_unsent === 0) { await sayHello(); return destroy("returning"); }
    return undefined;
  }
  if (hello.state === "expired") { await dropBundle(); return become("expired"); }
  await keepUntil(hello.expires_at);
  await fetchBundle(hello.bundle);
  await fetchDecisions();
  return undefined;
}

// What became of those that the lead had to decide (负责人的决定).
async function fetchDecisions() {
  const { status, data } = await call("GET", "/arrivals");
  if (status !== 200) return;
  await keepSealed("arrivals", data.items);
  tell("queue", false);
}

async function sayHello() {
  const { n_unsent, oldest } = await counts();
  const { status, data, wait } = await call("POST", "/hello", {
    json: {
      n_unsent,
      oldest_unsent_at: oldest === null ? null : new Date(oldest).toISOString(),
      n_conflicts: (await all("receipts")).filter((row) => !row.seen).length,
      app: document.documentElement.dataset.version ?? "",
      persisted: Boolean(await navigator.storage?.persisted?.()),
    },
  });
  if (data?.state === "revoked") return data;
  if (status !== 200) throw new Busy(status, data, wait);
  line.words = data.words ?? null;
  return data;
}

// Only a proven order or the worker's own hand comes here (清除本机): keys first, then everything.
export async function destroy(why) {
  lockSeal();
  forgetCredentials();
  forgetHeld();
  await wipe();
  await keep("gone", why);
  tell("gone");
}

// Signed out by hand, with nothing left to send (退出).
export async function leave() {
  if ((await counts()).n_unsent > 0) return false;
  await destroy("left");
  return true;
}

export async function warning() {
  const { n_unsent, oldest } = await counts();
  return oldest !== null && Date.now() - oldest > WARN_AFTER ? { n_unsent, oldest } : null;
}

export function closeUp() {
  lockSeal();
  forgetCredentials();
  forgetHeld();
  become("locked");
}

export function begin() {
  const soon = () => { if (isOpen()) sync(); };
  addEventListener("online", soon);
  addEventListener("offline", () => { if (isOpen() && !running) become("nothing"); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { expire(); soon(); } });
  on("written", soon);
  setInterval(expire, 60000);
  navigator.serviceWorker?.addEventListener("message", ({ data }) => { if (data === "sync") soon(); });
}
