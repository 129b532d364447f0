// Notes, in every page alike, when the form became live and when the list was there and painted.

const moments = (globalThis.moments = {});
const note = (name) => (moments[name] ??= performance.now());

new MutationObserver(() => {
  const root = document.documentElement;
  if (root?.dataset.ready && !moments.ready) note("ready");
  if (moments.submitted && !moments.listed && document.querySelector("#patients li")) {
    note("listed");
    // The message comes after the frame in which the list is drawn.
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => note("painted");
      channel.port2.postMessage(0);
    });
  }
}).observe(document, { attributes: true, childList: true, subtree: true });

addEventListener("submit", () => note("submitted"), true);

// Argon2id lies between the first compilation after the form was sent and the first key made.
for (const name of ["compile", "instantiate"]) {
  const original = WebAssembly[name];
  WebAssembly[name] = (...given) => {
    if (moments.submitted) note("derivation");
    return original.apply(WebAssembly, given);
  };
}
const importKey = SubtleCrypto.prototype.importKey;
SubtleCrypto.prototype.importKey = function (...given) {
  if (moments.submitted) note("derived");
  return importKey.apply(this, given);
};
