const SHELL = { version: "development", files: [] };
// The line above is written by the bench. As Rekam's own worker: one complete shell, from a cache.

const CACHE = "shell-" + SHELL.version;
const PATHS = new Set(SHELL.files);

async function answerFrom(path, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) || fetch(request);
}

addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL.files)));
});
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(answerFrom("/", request));
  else if (PATHS.has(url.pathname)) event.respondWith(answerFrom(url.pathname, request));
});
