// The rescue file (救急文件): every unsent entry with its files, as it would have been sent; optionally under a passphrase.

import { fileOf, list } from "./queue.js";
import { ROUNDS, takeSealed } from "./seal.js";

const utf8 = new TextEncoder();

function base64(bytes) {
  const all = new Uint8Array(bytes);
  let text = "";
  for (let i = 0; i < all.length; i += 0x8000) text += String.fromCharCode(...all.subarray(i, i + 0x8000));
  return btoa(text);
}

const MOST = 30 * 1024 * 1024; // bytes of photos in one file: the desk takes 50 MB, and base64 adds a third

// One file, or several when there are many photos (分成几份).
export async function rescueFiles(passphrase = "") {
  const about = await takeSealed("about");
  const made_at = new Date().toISOString();
  const parts = [];
  let room = 0;
  for (const entry of await list()) {
    const size = entry.files.reduce((sum, file) => sum + file.size, 0);
    if (!parts.length || size > room) {
      parts.push({ linli: "field-rescue", version: 1, made_at, device: about?.uid ?? null, installation: about?.installation ?? null, entries: [], files: {} });
      room = MOST;
    }
    room -= size;
    const part = parts.at(-1);
    const { id, kind, body, files, digest } = entry;
    part.entries.push({ id, kind, made_at: entry.made_at, body, files, digest });
    for (const file of files) part.files[file.sha256] ??= base64(await fileOf(entry, file.sha256));
  }
  const stem = `linli-field-${made_at.slice(0, 16).replace(/[-:T]/g, "")}`;
  return Promise.all(parts.map(async (plain, n) => ({
    blob: new Blob([JSON.stringify(passphrase ? await under(passphrase, plain) : plain)], { type: "application/json" }),
    name: parts.length > 1 ? `${stem}-${n + 1}.json` : `${stem}.json`,
  })));
}

// PBKDF2-SHA-256 and AES-256-GCM; the salt, iv and rounds stand beside the content.
async function under(passphrase, plain) {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const typed = await crypto.subtle.importKey("raw", utf8.encode(passphrase), "PBKDF2", false, ["deriveKey"]);
  const key = await crypto.subtle.deriveKey({ name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS }, typed, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, utf8.encode(JSON.stringify(plain)));
  return { linli: "field-rescue-sealed", version: 1, kdf: "PBKDF2-SHA-256", rounds: ROUNDS, salt: base64(salt), iv: base64(iv), data: base64(data) };
}
