const SHELL = {"version": "development", "files": []};
// The line above is written by the server: the version is a hash of all the shell's files, and
// each file comes as [path, integrity]. Here: keep one complete version of the shell, and answer
// from it. Clinical data never passes through this worker.

const PREFIX = "rekam-shell-";
const CACHE = PREFIX + SHELL.version;
const INDEX = "/";
const FILES = SHELL.files.map((file) => (Array.isArray(file) ? file : [file, ""]));
const PATHS = new Set(FILES.map(([path]) => path));
const FETCHES_AT_ONCE_MAX = 8;

async function fetchFile(path, integrity) {
  // Past the HTTP cache, and checked: a file of another version fails the whole installation,
  // the version in use stays, and the browser tries again later.
  const request = new Request(path, { cache: "reload", integrity, credentials: "omit" });
  const answer = await fetch(request);
  if (!answer.ok || answer.redirected) throw new Error(`${path}: ${answer.status}`);
  return answer;
}

async function install() {
  const fetched = [];
  for (let at = 0; at < FILES.length; at += FETCHES_AT_ONCE_MAX) {
    const some = FILES.slice(at, at + FETCHES_AT_ONCE_MAX);
    fetched.push(...(await Promise.all(some.map(([path, hash]) => fetchFile(path, hash)))));
  }
  const cache = await caches.open(CACHE);
  try {
    await Promise.all(FILES.map(([path], at) => cache.put(path, fetched[at])));
  } catch (reason) {
    // No room for all of it: half a shell would be worse than none.
    await caches.delete(CACHE);
    throw reason;
  }
}

async function activate() {
  for (const name of await caches.keys()) {
    if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
  }
  // The page of the very first visit came without a worker; it must not lose its icons offline.
  await clients.claim();
}

async function answerFrom(path, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) || fetch(request);
}

addEventListener("install", (event) => event.waitUntil(install()));
addEventListener("activate", (event) => event.waitUntil(activate()));
addEventListener("message", (event) => {
  if (event.data?.type === "skip-waiting") skipWaiting();
});
addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/api/")) return;
  if (request.mode === "navigate") event.respondWith(answerFrom(INDEX, request));
  else if (PATHS.has(url.pathname)) event.respondWith(answerFrom(url.pathname, request));
});
