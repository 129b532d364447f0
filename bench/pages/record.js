// What both pages of comparison share: the keyring and the encrypted directory in IndexedDB,
// as Rekam keeps them: a device key wrapped by a key from the password, segments of 250 lines.

const ARGON2 = { memorySize: 19456, iterations: 2, parallelism: 1, hashLength: 32 };
const SEGMENT = 250;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export function openDatabase() {
  const request = indexedDB.open("record", 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("meta", { keyPath: "key" });
    request.result.createObjectStore("directory", { keyPath: "key" });
  };
  return settled(request);
}

async function keyFrom(password, salt) {
  if (!globalThis.hashwasm) await import("/pwa/vendor/hash-wasm/argon2.umd.min.js");
  const options = { ...ARGON2, password, salt, outputType: "binary" };
  return importKey(await globalThis.hashwasm.argon2id(options));
}

function importKey(bytes) {
  return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}

async function encrypt(key, bytes) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, cipher: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, bytes) };
}

function decrypt(key, { iv, cipher }) {
  return crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, cipher);
}

export async function isKnown(database) {
  return Boolean(await settled(database.transaction("meta").objectStore("meta").get("keyring")));
}

/** With the network, once: makes the keys and keeps the directory. */
export async function fillIn(password) {
  const lines = await (await fetch("/directory.json")).json();
  const database = await openDatabase();
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const wrapped = await encrypt(await keyFrom(password, salt), secret);
  const key = await importKey(secret);
  const rows = [];
  for (let at = 0; at < lines.length; at += SEGMENT) {
    const text = lines.slice(at, at + SEGMENT).join("\n");
    rows.push({ key: at / SEGMENT, ...(await encrypt(key, encoder.encode(text))) });
  }
  const transaction = database.transaction(["meta", "directory"], "readwrite");
  transaction.objectStore("meta").put({ key: "keyring", salt, ...wrapped });
  for (const row of rows) transaction.objectStore("directory").put(row);
  await new Promise((resolve) => (transaction.oncomplete = resolve));
  database.close();
}

/** The texts of all segments of the directory. */
export async function unlock(database, password) {
  const keyring = await settled(database.transaction("meta").objectStore("meta").get("keyring"));
  const secret = await decrypt(await keyFrom(password, keyring.salt), keyring);
  const key = await importKey(secret);
  const rows = await settled(database.transaction("directory").objectStore("directory").getAll());
  return Promise.all(rows.map(async (row) => decoder.decode(await decrypt(key, row))));
}
