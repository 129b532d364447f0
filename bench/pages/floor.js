// The floor: plain JavaScript, one IndexedDB row for each record, one POST, one GET.

const run = new URLSearchParams(location.search).get("run");

function open() {
  const request = indexedDB.open("floor-" + run, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("records", { keyPath: "id" });
  };
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function done(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
}

const database = await open();
let after = 0;

async function store(rows) {
  const transaction = database.transaction("records", "readwrite", { durability: "strict" });
  const records = transaction.objectStore("records");
  for (const row of rows) records.put(row);
  await done(transaction);
}

async function timed(work) {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

globalThis.bench = {
  // Writes locally what a file of work holds.
  async write(name) {
    const rows = await (await fetch("/bench/given/" + name)).json();
    return timed(() => store(rows));
  },
  push() {
    return timed(async () => {
      const records = database.transaction("records").objectStore("records");
      const request = records.getAll();
      await new Promise((resolve) => (request.onsuccess = resolve));
      const body = JSON.stringify(request.result.map((row) => [row.id, row]));
      const answer = await fetch("/bench/floor/" + run, { method: "POST", body });
      await answer.json();
    });
  },
  pull() {
    return timed(async () => {
      const answer = await (await fetch(`/bench/floor/${run}?after=${after}`)).json();
      await store(answer.rows);
      after = answer.last;
    });
  },
};
