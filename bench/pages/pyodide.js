// The same journey with Pyodide: Python takes over the unlock form and paints the list.

import * as record from "/record.js";
import { loadPyodide } from "/pyodide/pyodide.mjs";

globalThis.fillIn = record.fillIn;
globalThis.record = record;
const source = fetch("/list.py").then((answer) => answer.text());
const pyodide = await loadPyodide({ indexURL: "/pyodide/" });
await pyodide.runPythonAsync((await source) + "\nawait start()\n");
navigator.serviceWorker.register("/worker.js");
