// The queue (待发队列): an entry is on disk with its files before the screen says so, and is forgotten only when
// a proven receipt names it, its digest and every one of its files.

import { tell } from "./bus.js";
import { digestOf, sha256, uuid7, wellFormed } from "./digest.js";
import { call, NoAnswer } from "./net.js";
import { open, openBytes, seal, sealBytes } from "./seal.js";
import { all, ask, get, read, write } from "./store.js";

const PART = 256 * 1024; // bytes of a file sent in one request
const ASKED = 100; // ids in one question
const RECEIPTS = 200; // kept on the phone to look at
const SETTLED = new Set(["done", "kept", "merged"]);
const ALONE = new Set([400, 403, 404, 409, 410, 413, 415, 422]); // this entry is refused as it is; the next may pass
// Refusals that are about the way here, not about the entry: the same is sent again.
const AGAIN = new Set(["field.wrong_digest", "field.cut_off", "field.device_revoked", "field.unknown_device"]);
const placeOf = (id) => `entry:${id}`;
export const changing = (id) => `change:${id}`; // the draft of an entry that is being changed
const fileAt = (id, hash) => `file:${id}:${hash}`;

// Writes an entry down (记下一条). Resolved when it and its files are on disk; `replaces` takes back one never sent.
export async function add({ kind, body, files = [], about = "" }, { replaces = null, madeAt = new Date(), id = uuid7() } = {}) {
  const listed = [];
  const rows = [];
  for (const { blob, field, name = "" } of files) {
    const bytes = await blob.arrayBuffer();
    const hash = await sha256(bytes);
    listed.push({ sha256: hash, size: bytes.byteLength, type: blob.type.split(";")[0], name: wellFormed(name), field });
    rows.push({ entry: id, sha256: hash, sealed: await sealBytes(fileAt(id, hash), bytes) });
  }
  const entry = wellFormed({ kind, made_at: madeAt.toISOString(), body, files: listed });
  entry.digest = await digestOf(entry);
  const row = {
    id, at: madeAt.getTime(), attempted: false, refused: false,
    sealed: await seal(placeOf(id), { ...entry, about: wellFormed(about) }),
  };
  await write(["entries", "files", "sealed"], async (s) => {
    if (replaces) await dropUnsent(s, replaces);
    s.entries.add(row);
    rows.forEach((file) => s.files.put(file));
  });
  tell("queue");
  tell("written", false);
  return id;
}

export class OnItsWay extends Error {} // what was sent, or is being sent, is neither taken back nor changed

async function dropUnsent(s, id) {
  const old = await ask(s.entries.get(id));
  if (!old || old.attempted) throw new OnItsWay("it may have been sent already");
  await drop(s, id);
}

async function drop(s, id) {
  s.entries.delete(id);
  const keys = await ask(s.files.index("entry").getAllKeys(id));
  keys.forEach((key) => s.files.delete(key));
  for (const key of [`draft:${changing(id)}`, `draftfile:${changing(id)}`]) s.sealed.delete(IDBKeyRange.bound(key, `${key}~`));
}

// Takes back what was never on its way (撤回): refused once a try was made, because an answer may be under way.
export async function takeBack(id) {
  await write(["entries", "files", "sealed"], (s) => dropUnsent(s, id));
  tell("queue");
}

export async function counts() {
  const rows = await all("entries");
  return {
    n_unsent: rows.length,
    oldest: rows.length ? Math.min(...rows.map((row) => row.at)) : null,
    n_refused: rows.filter((row) => row.refused).length,
  };
}

const inOrder = async () => (await all("entries")).sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
export const list = async () => Promise.all((await inOrder()).map(opened));
const opened = async (row) => ({ ...row, ...(await open(placeOf(row.id), row.sealed)) });
export const one = async (id) => { const row = await get("entries", id); return row ? opened(row) : null; };

export async function fileOf(entry, hash) {
  const row = await get("files", [entry.id, hash]);
  return row ? openBytes(fileAt(entry.id, hash), row.sealed) : null;
}

export async function receipts() {
  const rows = (await all("receipts")).sort((a, b) => b.at - a.at);
  return Promise.all(rows.map(async (row) => ({ ...(await open(`receipt:${row.id}`, row.sealed)), seen: row.seen })));
}

// Only what names this entry, its digest and all its files lets the phone forget it.
const covers = (receipt, entry) =>
  receipt?.id === entry.id && receipt.digest === entry.digest &&
  Array.isArray(receipt.files) && entry.files.every((file) => receipt.files.includes(file.sha256));

async function settle(entry, receipt, state) {
  const sealed = await seal(`receipt:${entry.id}`, { ...receipt, state, about: entry.about, kind: entry.kind });
  await write(["entries", "files", "receipts", "sealed"], async (s) => {
    await drop(s, entry.id);
    s.receipts.put({ id: entry.id, at: Date.now(), seen: state === "done", sealed });
    const old = (await ask(s.receipts.getAll())).sort((a, b) => b.at - a.at).slice(RECEIPTS);
    old.forEach((row) => s.receipts.delete(row.id));
  });
  tell("queue");
}

const mark = async (id, change) => {
  await write("entries", async (s) => {
    const row = await ask(s.entries.get(id));
    if (row) s.entries.put({ ...row, ...change });
  });
};

// Asks what became of those whose answers were lost (补问回执).
async function askAgain() {
  const tried = (await inOrder()).filter((row) => row.attempted);
  for (let i = 0; i < tried.length; i += ASKED) {
    const asked = tried.slice(i, i + ASKED);
    const { status, data } = await call("GET", `/entries?ids=${asked.map((row) => row.id).join(",")}`);
    if (status !== 200) return;
    const known = new Map((data.items ?? []).map((receipt) => [receipt.id, receipt]));
    for (const row of asked.filter((each) => known.has(each.id))) {
      const entry = await opened(row);
      const receipt = known.get(row.id);
      if (SETTLED.has(receipt.state) && covers(receipt, entry)) await settle(entry, receipt, receipt.state);
    }
  }
}

// A file in parts, going on from where the server stands (断点续传).
async function sendFile(entry, file) {
  const bytes = await fileOf(entry, file.sha256);
  if (!bytes) throw new Error(`the phone lost ${file.sha256}`);
  const path = `/files/${file.sha256}`;
  let at = 0;
  if (entry.attempted) {
    const { status, data } = await call("GET", `${path}?size=${file.size}`);
    if (status === 200) { if (data.complete) return; at = data.received; }
  }
  for (let tries = 0; tries < 5;) {
    const part = bytes.slice(at, at + PART);
    const query = new URLSearchParams({ offset: at, size: file.size });
    const { status, data, wait } = await call("PUT", `${path}?${query}`, { bytes: part, seconds: 90 });
    if (status === 200 || status === 201) {
      if (data.complete) return;
      at = data.received;
    } else if (status === 409 && Number.isInteger(data.received)) {
      at = data.received; tries += 1;
    } else if (status === 422) {
      at = 0; tries += 1; // what arrived was not what was sent
    } else throw new Busy(status, data, wait);
  }
  throw new NoAnswer("slow");
}

export class Busy extends Error { // proven, but not now: too many, or the server is in trouble
  constructor(status, data, wait) { super(`answered ${status}`); Object.assign(this, { status, data, wait }); }
}

async function sendOne(row) {
  const entry = await opened(row);
  if (!row.attempted) await mark(row.id, { attempted: true }); // on disk before the first byte leaves
  for (let tries = 0; tries < 3; tries += 1) {
    for (const file of entry.files) await sendFile({ ...entry, attempted: row.attempted || tries > 0 }, file);
    const { kind, made_at, body, files, digest } = entry;
    const { status, data, wait } = await call("PUT", `/entries/${entry.id}`, { json: { kind, made_at, body, files, digest } });
    if ((status === 200 || status === 201) && SETTLED.has(data.state) && covers(data, entry)) return settle(entry, data, data.state);
    if (status === 409 && data.code === "field.other_content" && covers({ id: entry.id, ...data }, entry)) return settle(entry, { id: entry.id, ...data }, "twice");
    if (status === 422 && data.code === "field.files_missing") continue;
    if (ALONE.has(status) && !AGAIN.has(data.code)) {
      const words = data.words ?? { zh: data.detail ?? "", en: data.detail ?? "" };
      const sealed = await seal(placeOf(row.id), { ...entry, words });
      await mark(row.id, { refused: true, sealed });
      return tell("queue");
    }
    throw new Busy(status, data, wait);
  }
  throw new NoAnswer("slow");
}

// Sends what waits, one at a time, the oldest first (逐条发送). The caller holds the lock that lets only one tab send.
export async function send() {
  await askAgain();
  for (;;) {
    const waiting = (await inOrder()).filter((row) => !row.refused);
    if (!waiting.length) return;
    for (const { id } of waiting) {
      const row = await get("entries", id); // it may have been taken back meanwhile
      if (row && !row.refused) await sendOne(row);
    }
  }
}

// What was refused may be tried again (再试一次), for example after the office mended something.
export async function retry(id) {
  await mark(id, { refused: false });
  tell("queue");
}

export async function seenAll() {
  await write("receipts", async (s) => (await ask(s.receipts.getAll())).forEach((row) => s.receipts.put({ ...row, seen: true })));
  tell("queue");
}
export const unseen = async () => (await read("receipts", (s) => ask(s.receipts.getAll()))).filter((row) => !row.seen).length;
