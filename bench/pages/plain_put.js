// What a save is measured against: one strict put of so many bytes, in plain JavaScript.

let opened;

function openDatabase() {
  const request = indexedDB.open("plain", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("rows", { keyPath: "key" });
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

globalThis.plainPut = async (count) => {
  opened ??= await openDatabase();
  const bytes = new Uint8Array(count);
  // Random, as a cipher is: what a disk compresses would be too easy.
  for (let at = 0; at < count; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
  const started = performance.now();
  const transaction = opened.transaction("rows", "readwrite", { durability: "strict" });
  transaction.objectStore("rows").put({ key: "row", bytes });
  await new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  return performance.now() - started;
};

globalThis.savedBytes = async (table) => {
  const request = indexedDB.open("rekam");
  const database = await new Promise((resolve) => {
    request.onsuccess = () => resolve(request.result);
  });
  const rows = database.transaction(table).objectStore(table).getAll();
  await new Promise((resolve) => (rows.onsuccess = resolve));
  database.close();
  return rows.result.reduce((sum, row) => sum + (row.cipher?.byteLength ?? 0), 0);
};
