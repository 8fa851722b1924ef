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

export async function rescueFile(passphrase = "") {
  const about = await takeSealed("about");
  const entries = [];
  const files = {};
  for (const entry of await list()) {
    const { id, kind, made_at, body, files: named, digest } = entry;
    entries.push({ id, kind, made_at, body, files: named, digest });
    for (const file of named) files[file.sha256] ??= base64(await fileOf(entry, file.sha256));
  }
  const plain = { linli: "field-rescue", version: 1, made_at: new Date().toISOString(), device: about?.uid ?? null, installation: about?.installation ?? null, entries, files };
  const content = passphrase ? await under(passphrase, plain) : plain;
  const name = `linli-field-${plain.made_at.slice(0, 16).replace(/[-:T]/g, "")}.json`;
  return { blob: new Blob([JSON.stringify(content)], { type: "application/json" }), name };
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
