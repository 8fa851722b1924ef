// The service worker (离线外壳): keeps the app itself, by version, and nothing else. The view that serves it puts
// VERSION, SHELL and HOME before these lines. It never sees a case: the API is left to the network, untouched.

const CACHE = `linli-field-${VERSION}`;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL.map((url) => new Request(url, { cache: "reload" })))));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith("linli-field-") && name !== CACHE);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  const home = request.mode === "navigate" && url.pathname === HOME;
  if (!home && !SHELL.includes(url.pathname)) return;
  event.respondWith((async () => {
    const cache = await caches.open(CACHE);
    return (await cache.match(home ? HOME : url.pathname, { ignoreVary: true })) ?? fetch(request);
  })());
});

// Waking up only rings: the open app does the sending, because only there is the PIN known.
const ring = async () => (await self.clients.matchAll({ type: "window" })).forEach((client) => client.postMessage("sync"));
self.addEventListener("sync", (event) => event.waitUntil(ring()));
self.addEventListener("message", ({ data }) => { if (data === "take over") self.skipWaiting(); });
