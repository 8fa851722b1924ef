// A form half filled in (草稿): sealed after each change, so that a camera that closes the app takes nothing with it.

import { dropSealed, keepSealed, open, openBytes, seal, sealBytes, takeSealed } from "./seal.js";
import { all, ask, get, write } from "./store.js";

const at = (name) => `draft:${name}`;
const fileAt = (name, id) => `draftfile:${name}:${id}`;

export const keepDraft = (name, values) => keepSealed(at(name), values);
export const takeDraft = (name) => takeSealed(at(name));

export async function keepFile(name, id, blob, field) {
  const key = fileAt(name, id);
  const sealed = await sealBytes(key, await blob.arrayBuffer());
  const about = await seal(`${key}:about`, { field, type: blob.type });
  await write("sealed", (s) => ask(s.sealed.put({ key, sealed, about })));
}
export const dropFile = (name, id) => dropSealed(fileAt(name, id));

export async function takeFiles(name) {
  const prefix = fileAt(name, "");
  const keys = (await all("sealed")).map((row) => row.key).filter((key) => key.startsWith(prefix)).sort();
  return Promise.all(keys.map(async (key) => {
    const row = await get("sealed", key);
    const { field, type } = await open(`${key}:about`, row.about);
    return { id: key.slice(prefix.length), field, blob: new Blob([await openBytes(key, row.sealed)], { type }) };
  }));
}

export async function dropDraft(name) {
  const prefix = fileAt(name, "");
  const keys = (await all("sealed")).map((row) => row.key).filter((key) => key.startsWith(prefix));
  await dropSealed(at(name), ...keys);
}
