// The seal (封存): a PIN and a key that cannot leave this phone open the data key; everything that is kept is sealed with it.

import { ask, get, note, write } from "./store.js";

export const ROUNDS = 600000;
export const FREE_TRIES = 5;
export const MOST_TRIES = 10;
const WAITS = [30, 60, 120, 300, 600]; // seconds after the 5th, 6th … wrong PIN
const KEPT_BY_PIN = ["credentials", "bundle"];

const utf8 = new TextEncoder();
let dataKey = null;

export class WrongPin extends Error {
  constructor(left, wait) { super("wrong PIN"); this.left = left; this.wait = wait; }
}
export class Locked extends Error {}

export const isOpen = () => dataKey !== null;
export const lock = () => { dataKey = null; };
export const hasPin = async () => Boolean(await note("pin"));

const AES = "AES-GCM";
const aes = (raw) => crypto.subtle.importKey("raw", raw, AES, false, ["encrypt", "decrypt"]);

async function pinKey(pin, salt, phoneKey) {
  const typed = await crypto.subtle.importKey("raw", utf8.encode(pin), "PBKDF2", false, ["deriveBits"]);
  const stretched = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS }, typed, 256);
  return aes(await crypto.subtle.sign("HMAC", phoneKey, stretched)); // a copied database alone cannot be tried elsewhere
}

async function wrapped(raw, pin, phoneKey) {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.encrypt({ name: AES, iv }, await pinKey(pin, salt, phoneKey), raw);
  return { salt, iv, data, phoneKey };
}

async function unwrapped(pin) {
  const kept = await note("pin");
  const key = await pinKey(pin, kept.salt, kept.phoneKey);
  return { raw: await crypto.subtle.decrypt({ name: AES, iv: kept.iv }, key, kept.data), phoneKey: kept.phoneKey };
}

export async function setUp(pin) {
  const phoneKey = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const raw = crypto.getRandomValues(new Uint8Array(32));
  const value = await wrapped(raw, pin, phoneKey);
  await write("meta", async (s) => {
    if (await ask(s.meta.get("pin"))) throw new Error("there is a PIN already"); // another tab was first
    s.meta.put({ key: "pin", value });
    s.meta.put({ key: "tries", value: { n: 0, until: 0, at: 0 } });
  });
  dataKey = await aes(raw);
}

// Seconds to wait before the next try (还要等多少秒); a clock that was set back begins the wait anew.
export async function waiting() {
  const tries = (await note("tries")) ?? { n: 0, until: 0, at: 0 };
  if (tries.n < FREE_TRIES) return 0;
  const now = Date.now();
  const until = now < tries.at ? now + (tries.until - tries.at) : tries.until;
  return Math.max(0, Math.ceil((until - now) / 1000));
}

export const outOfTries = async () => ((await note("tries"))?.n ?? 0) >= MOST_TRIES;

// The try is counted before it is made: closing the app in the middle gives none back.
async function count() {
  const now = Date.now();
  return write(["meta", "sealed"], async (s) => {
    const n = ((await ask(s.meta.get("tries")))?.value.n ?? 0) + 1;
    const wait = n < FREE_TRIES ? 0 : WAITS[Math.min(n - FREE_TRIES, WAITS.length - 1)];
    s.meta.put({ key: "tries", value: { n, at: now, until: now + wait * 1000 } });
    return { n, wait };
  });
}

export async function unlock(pin) {
  const wait = await waiting();
  if (wait > 0 || (await outOfTries())) throw new WrongPin(0, wait);
  const { n, wait: next } = await count();
  let opened;
  try {
    opened = await unwrapped(pin);
  } catch {
    if (n >= MOST_TRIES) await write("sealed", (s) => Promise.all(KEPT_BY_PIN.map((key) => ask(s.sealed.delete(key)))));
    throw new WrongPin(Math.max(0, MOST_TRIES - n), next);
  }
  dataKey = await aes(opened.raw);
  await freshTries();
}

// After signing in again the PIN may be tried again; what was sealed is still sealed.
export const freshTries = () => write("meta", (s) => ask(s.meta.put({ key: "tries", value: { n: 0, until: 0, at: 0 } })));

export async function changePin(old, pin) {
  const wait = await waiting();
  if (wait > 0) throw new WrongPin(0, wait);
  const { n, wait: next } = await count();
  let opened;
  try { opened = await unwrapped(old); } catch { throw new WrongPin(Math.max(0, MOST_TRIES - n), next); }
  const value = await wrapped(opened.raw, pin, opened.phoneKey);
  await write("meta", (s) => ask(s.meta.put({ key: "pin", value })));
  await freshTries();
}

// `where` is bound in: a sealed row that is moved to another place does not open.
export async function sealBytes(where, bytes) {
  if (!dataKey) throw new Locked();
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, data: await crypto.subtle.encrypt({ name: AES, iv, additionalData: utf8.encode(where) }, dataKey, bytes) };
}
export async function openBytes(where, sealed) {
  if (!dataKey) throw new Locked();
  return crypto.subtle.decrypt({ name: AES, iv: sealed.iv, additionalData: utf8.encode(where) }, dataKey, sealed.data);
}
export const seal = (where, value) => sealBytes(where, utf8.encode(JSON.stringify(value)));
export const open = async (where, sealed) => JSON.parse(new TextDecoder().decode(await openBytes(where, sealed)));

// One sealed value under a name (按名封存一项).
export async function keepSealed(key, value) {
  const row = { key, sealed: await seal(key, value) };
  await write("sealed", (s) => ask(s.sealed.put(row)));
}
export async function takeSealed(key) {
  const row = await get("sealed", key);
  return row ? open(key, row.sealed) : null;
}
export const dropSealed = (...keys) => write("sealed", (s) => Promise.all(keys.map((key) => ask(s.sealed.delete(key)))));
