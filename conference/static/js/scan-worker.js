/* Reads QR codes in pictures, away from the page: WebAssembly may run here, and nowhere else (web/csp.py). */
"use strict";

function load(reader, wasm) {
  importScripts(reader);
  return ZXingWASM.prepareZXingModule({
    overrides: { locateFile: function () { return wasm; } },
    fireImmediately: true,
  });
}

function read(image) {
  return ZXingWASM.readBarcodes(image, { formats: ["QRCode"], maxNumberOfSymbols: 1 }).then(function (found) {
    return found.map(function (code) { return code.text; });
  });
}

self.onmessage = function (event) {
  var asked = event.data;
  if (asked.image) {
    read(asked.image).catch(function () { return []; }).then(function (texts) {
      self.postMessage({ texts: texts });
    });
    return;
  }
  Promise.resolve()
    .then(function () { return load(asked.reader, asked.wasm); })
    .then(function () { self.postMessage({ ready: true }); }, function () { self.postMessage({ failed: true }); });
};
