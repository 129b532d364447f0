// Starts Python, watches that it starts, and looks after the service worker.
// The pages themselves are Python (pwa/py/ui): nothing here knows what a patient is.

const START_MS_MAX = 20_000;
const UPDATE_PAUSE_MS = 10 * 60_000;
// MicroPython looks for garbage every 16 KB by itself. Modules are imported, and long charts
// opened, in half the time when it looks less often (bench/results.md).
const GC_THRESHOLD_BYTES = 16 * 1024 * 1024;
const LANGUAGE_KEY = "rekam.language";
const root = document.documentElement;
const byId = (id) => document.getElementById(id);

// All of our Python arrives compiled and as one file: 46 fetches through a service worker cost
// 115 ms, compiling it another 80.
const sources = fetch("/pwa/python.json").then((answer) => {
  if (!answer.ok) throw new Error(`/pwa/python.json: ${answer.status}`);
  return answer.json().then(decode);
});
sources.catch(showTrouble);
// Not a static import: without PyScript this file has still to say that the start failed.
import("/pwa/vendor/pyscript/core.js").then(prepare).catch(showTrouble);

function decode(codes) {
  const bytes = (code) => Uint8Array.from(atob(code), (one) => one.charCodeAt(0));
  return Object.entries(codes).map(([path, code]) => [path, bytes(code)]);
}

function prepare({ hooks }) {
  // PyScript re-creates this worker hook from text, which our Content-Security-Policy forbids and
  // which we never use: Python runs in the page.
  hooks.worker.onBeforeRunAsync.clear();
  hooks.main.onReady.add(startPython);
}

async function startPython({ interpreter, io }) {
  const { FS } = interpreter;
  // An exception that ends main.py is only printed: show it too.
  const print = io.stderr;
  io.stderr = (...parts) => {
    showTrouble(parts[0]);
    return print(...parts);
  };
  const files = await sources;
  const folders = files.map(([path]) => path.slice(0, path.lastIndexOf("/")) || ".");
  for (const folder of new Set(folders)) FS.mkdirTree(folder);
  for (const [path, code] of files) FS.writeFile(path, code, { canOwn: true });
  interpreter.runPython(`import gc\ngc.threshold(${GC_THRESHOLD_BYTES})`);
  interpreter.runPython("import pwa.py.main");
  // PyScript would go on to write, compile and run its own library of Python, of which the app
  // uses nothing: a sixth of the whole start. It waits for this hook, which never ends.
  await new Promise(() => {});
}

// --- the watchdog: a start that crashed or froze says so ------------------------------------

function showTrouble(reason) {
  if (root.dataset.ready) return;
  root.dataset.trouble = "1";
  byId("trouble-detail").textContent += `${reason?.stack || reason?.message || reason || ""}\n`;
}

byId("trouble-reload").addEventListener("click", (event) => {
  event.preventDefault();
  location.reload();
});
addEventListener("error", (event) => showTrouble(event.error || event.message));
addEventListener("unhandledrejection", (event) => showTrouble(event.reason));
addEventListener("rekam:crash", () => showTrouble(root.dataset.crash));
addEventListener("rekam:blocked", () => (byId("blocked").hidden = false));
setTimeout(() => showTrouble(`not ready after ${START_MS_MAX / 1000} s`), START_MS_MAX);

// --- before Python is there: the chosen language, and a form that may be sent early ----------

root.dataset.language = readLanguage() === "en" ? "en" : "id";
if (root.dataset.language === "en") {
  root.lang = "en";
  for (const element of document.querySelectorAll("[data-en]"))
    element.textContent = element.dataset.en;
}

function readLanguage() {
  try {
    return localStorage.getItem(LANGUAGE_KEY);
  } catch {
    return null;
  }
}

addEventListener("rekam:language", () => {
  try {
    localStorage.setItem(LANGUAGE_KEY, root.dataset.language);
  } catch {
    // A browser that keeps nothing forgets the choice; that is all.
  }
});

// Its address would be taken for the address of a page.
byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("page").focus();
});

// No form of the app is ever sent by the browser itself: what is typed would stand in an address.
addEventListener("submit", (event) => event.preventDefault(), true);

byId("unlock-form").addEventListener("submit", () => {
  // Python sends it as soon as it has taken over; it removes nothing that was typed.
  if (!root.dataset.ready) root.dataset.submitted = "1";
});

// --- the service worker: a new version is offered to the pages, never forced ------------------

const policy = globalThis.trustedTypes?.createPolicy("rekam", {
  createScriptURL: (url) => {
    if (url !== "/sw.js") throw new TypeError("only our own service worker");
    return url;
  },
});
let registration;
let asked = false;
let lastLook = 0;

function offerVersion() {
  root.dataset.version = "waiting";
  dispatchEvent(new Event("rekam:version"));
}

function look() {
  if (registration.waiting && navigator.serviceWorker.controller) offerVersion();
  if (Date.now() - lastLook > UPDATE_PAUSE_MS) {
    lastLook = Date.now();
    // Offline this fails, and the next look tries again.
    registration.update().catch(() => {});
  }
}

async function registerWorker() {
  registration = await navigator.serviceWorker.register(
    policy ? policy.createScriptURL("/sw.js") : "/sw.js",
    { updateViaCache: "none" },
  );
  lastLook = Date.now();
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", look);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") look();
  });
  setInterval(look, UPDATE_PAUSE_MS);
  look();
}

if ("serviceWorker" in navigator) {
  const hadWorker = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (asked) location.reload();
    else if (hadWorker) offerVersion(); // another tab took the new version
  });
  addEventListener("rekam:take-version", () => {
    asked = true;
    if (registration?.waiting) registration.waiting.postMessage({ type: "skip-waiting" });
    else location.reload();
  });
  // Without a worker the app still works online; it only cannot start offline.
  registerWorker().catch((reason) => console.warn("service worker:", reason));
}
