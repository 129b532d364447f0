// PouchDB (IndexedDB) replicating with a PouchDB server, in batches of 1,000.
// The page has loaded PouchDB's own build for browsers before.

const BATCH = 1000;
const run = new URLSearchParams(location.search).get("run");
const records = new PouchDB("pouchdb-" + run);
const remote = new PouchDB(location.origin + "/pouchdb-" + run);
const revisions = new Map();

async function timed(work) {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

globalThis.bench = {
  async write(name) {
    const rows = await (await fetch("/bench/given/" + name)).json();
    return timed(async () => {
      for (let at = 0; at < rows.length; at += BATCH) {
        const documents = rows.slice(at, at + BATCH).map((row) => {
          const revision = revisions.get(row.id);
          return revision ? { ...row, _id: row.id, _rev: revision } : { ...row, _id: row.id };
        });
        for (const { id, rev, error } of await records.bulkDocs(documents)) {
          if (error) throw new Error(error);
          revisions.set(id, rev);
        }
      }
    });
  },
  push: () => timed(() => records.replicate.to(remote, { batch_size: BATCH })),
  pull: () => timed(() => records.replicate.from(remote, { batch_size: BATCH })),
};
