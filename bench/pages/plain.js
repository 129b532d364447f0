// The same journey in plain JavaScript: an unlock form that is live, then a painted list.

import * as record from "/record.js";

globalThis.fillIn = record.fillIn;
const byId = (id) => document.getElementById(id);
const database = await record.openDatabase();
byId("unlock-title").textContent = (await record.isKnown(database)) ? "Buka kunci" : "Masuk";

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon go");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", "/pwa/vendor/icons.svg#" + name);
  svg.append(use);
  return svg;
}

function row(line) {
  const [id, , name, birthDate, gender, , , identifiers] = line.split("\t");
  return element(
    "li",
    {},
    element(
      "a",
      { href: "#/patients/" + id },
      element("strong", {}, name),
      element("span", { class: "about" }, [gender, birthDate].join(" · ")),
      element("span", { class: "numbers" }, identifiers.split(" ").slice(0, 2).join(" · ")),
      icon("chevron-right"),
    ),
  );
}

async function show(event) {
  event.preventDefault();
  const lines = (await record.unlock(database, byId("password").value)).join("\n").split("\n");
  const list = element("ul", { class: "rows" }, ...lines.slice(-50).reverse().map(row));
  byId("page").replaceChildren(
    element("h1", {}, "Pasien"),
    element("input", { type: "search", id: "search" }),
    element("p", { class: "quiet" }, lines.length + " pasien"),
    element("div", { id: "patients" }, list),
  );
}

byId("unlock-form").addEventListener("submit", show);
document.documentElement.dataset.ready = "1";
navigator.serviceWorker.register("/worker.js");
