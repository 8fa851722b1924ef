// What was brought along for the way (离线包): own cases, forms and shapes; dropped by the phone itself when it expires.

import { tell } from "./bus.js";
import { call, fetchBytes } from "./net.js";
import { dropSealed, isOpen, keepSealed, openBytes, sealBytes, takeSealed } from "./seal.js";
import { all, ask, get, keep, note, write } from "./store.js";

let held = null;

export const forgetHeld = () => { held = null; };

export async function bundle() {
  await expire();
  held ??= isOpen() ? await takeSealed("bundle") : null;
  return held;
}

// Seven days without contact (过期): the copy goes, the queue stays.
export async function expire() {
  const until = await note("bundle_until");
  if (until && Date.now() > until) await dropBundle();
}

export async function dropBundle() {
  held = null;
  const photos = (await all("sealed")).map((row) => row.key).filter((key) => key.startsWith("photo:"));
  await dropSealed("bundle", ...photos);
  await write("meta", (s) => { s.meta.delete("bundle_until"); s.meta.delete("bundle_etag"); });
  tell("bundle");
}

export async function fetchBundle(wanted) {
  const have = await note("bundle_etag");
  if (have && have === wanted && (await bundle())) { await fetchPhotos(await bundle()); return; }
  const headers = have && (await bundle()) ? { "If-None-Match": have } : {};
  const { status, data } = await call("GET", "/bundle", { headers, seconds: 60 });
  if (status === 304) { await fetchPhotos(await bundle()); return; }
  if (status !== 200) return;
  await keepSealed("bundle", data);
  held = data;
  await keep("bundle_etag", data.etag);
  await keep("bundle_until", Date.parse(data.expires_at));
  tell("bundle");
  await fetchPhotos(data);
}

export const keepUntil = (moment) => keep("bundle_until", Date.parse(moment));

// Those that are not here yet (未取到的照片): a line that broke halfway is gone on with.
async function fetchPhotos({ tasks }) {
  const wanted = new Map(tasks.flatMap((task) => task.photos ?? []).slice(0, 120).map((photo) => [`photo:${photo.uid}`, photo]));
  const there = (await all("sealed")).map((row) => row.key).filter((key) => key.startsWith("photo:"));
  await dropSealed(...there.filter((key) => !wanted.has(key)));
  const lacking = [...wanted].filter(([key]) => !there.includes(key));
  for (const [key, photo] of lacking) {
    const found = await fetchBytes(photo.url.replace(/^\/api\/v1\/field/, ""));
    if (!found) continue;
    const row = { key, type: found.type, sealed: await sealBytes(key, found.bytes) };
    await write("sealed", (s) => ask(s.sealed.put(row)));
  }
  if (lacking.length) tell("bundle");
}

// A photo that was brought along, or null (随包照片).
export async function photo(uid) {
  const row = await get("sealed", `photo:${uid}`);
  return row ? new Blob([await openBytes(row.key, row.sealed)], { type: row.type }) : null;
}
