// PouchDB's own server (LevelDB on the disk), with the page and the work on the same origin.

const path = require("path");
const express = require("express");
const PouchDB = require("pouchdb");
const serve = require("express-pouchdb");

const [port, work, data] = process.argv.slice(2);
const Stored = PouchDB.defaults({ prefix: data + "/" });
const app = express();
const modules = path.join(__dirname, "..", "node_modules");
const sockets = new Set();
let [up, down] = [0, 0];

// Of the whole connection, so that nothing is left out; what is asked here is not counted.
function count() {
  let [read, written] = [up, down];
  for (const socket of sockets) {
    read += socket.bytesRead;
    written += socket.bytesWritten;
  }
  return { up: read, down: written };
}

app.get("/bench/bytes", (_, answer) => answer.json(count()));
app.use("/bench/given", express.static(work));
app.use("/bench/pages", express.static(__dirname));
app.use("/bench/dist", express.static(path.join(modules, "pouchdb", "dist")));
app.get("/bench/page", (_, answer) => {
  const scripts = ['src="/bench/dist/pouchdb.min.js"', 'type="module" src="/bench/pages/pouchdb.js"'];
  const tags = scripts.map((one) => `<script ${one}></script>`).join("");
  answer.type("html").send("<!doctype html><title>PouchDB</title>" + tags);
});
app.use(serve(Stored, { mode: "minimumForPouchDB", inMemoryConfig: true }));

const server = app.listen(Number(port), "127.0.0.1");
server.on("connection", (socket) => {
  sockets.add(socket);
  socket.on("close", () => {
    sockets.delete(socket);
    up += socket.bytesRead;
    down += socket.bytesWritten;
  });
});
