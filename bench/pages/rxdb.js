// RxDB with its free storage (Dexie) and its own replication over HTTP, in batches of 1,000.

import { createRxDatabase } from "rxdb/plugins/core";
import { replicateRxCollection } from "rxdb/plugins/replication";
import { getRxStorageDexie } from "rxdb/plugins/storage-dexie";

const BATCH = 1000;
const run = new URLSearchParams(location.search).get("run");
const url = "/bench/rxdb/" + run;

const database = await createRxDatabase({
  name: "rxdb-" + run,
  storage: getRxStorageDexie(),
  multiInstance: false,
});
const { records } = await database.addCollections({
  records: {
    schema: {
      version: 0,
      primaryKey: "id",
      type: "object",
      properties: {
        id: { type: "string", maxLength: 64 },
        resourceType: { type: "string" },
        clinicalStatus: { type: "object" },
        code: { type: "object" },
        subject: { type: "object" },
        recordedDate: { type: "string" },
        note: { type: "array" },
      },
      required: ["id"],
    },
  },
});

async function replicate(ways) {
  const started = performance.now();
  const replication = replicateRxCollection({
    collection: records,
    replicationIdentifier: "bench-" + run,
    live: false,
    ...ways,
  });
  const failed = new Promise((_, reject) => replication.error$.subscribe(reject));
  await Promise.race([replication.awaitInitialReplication(), failed]);
  const took = performance.now() - started;
  await replication.cancel();
  return took;
}

globalThis.bench = {
  async write(name) {
    const rows = await (await fetch("/bench/given/" + name)).json();
    const started = performance.now();
    for (let at = 0; at < rows.length; at += BATCH) {
      await records.bulkUpsert(rows.slice(at, at + BATCH));
    }
    return performance.now() - started;
  },
  push() {
    return replicate({
      push: {
        batchSize: BATCH,
        async handler(rows) {
          const answer = await fetch(url, { method: "POST", body: JSON.stringify(rows) });
          return answer.json();
        },
      },
    });
  },
  pull() {
    return replicate({
      pull: {
        batchSize: BATCH,
        async handler(checkpoint, limit) {
          const after = checkpoint?.sequence ?? 0;
          return (await fetch(`${url}?after=${after}&limit=${limit}`)).json();
        },
      },
    });
  },
};
