/* Reads a QR code off the camera, when somebody asks for it: into a field, or as a link of this very site.

   A page says with data- attributes what it wants (templates/_ui/scanner.html):
     data-scan-target   id of the field that takes the text and is sent with its form's button
     data-scan-link     or: pattern of the path of a link; the page is then opened as if the link were tapped
     data-scan-shape    pattern of a text that the field takes; anything else is no code of ours
     data-scan-again    present: the camera stays on for the next one
   The decoder is the browser's own where it has one, else ours, which is loaded with the first tap. */
(function () {
  "use strict";
  var media = navigator.mediaDevices;
  if (!media || !media.getUserMedia || !window.Worker || !window.WebAssembly) return;

  var PAUSE = 120;
  /* A code that stays before the camera is not sent again and again. */
  var SAME_AGAIN = 4000;
  var READ_SHOWN = 2000;
  /* Larger pictures take longer to read, and show nothing more. */
  var WIDEST = 1000;

  function ownReader() {
    if (!("BarcodeDetector" in window)) return Promise.resolve(null);
    return BarcodeDetector.getSupportedFormats().then(function (formats) {
      if (formats.indexOf("qr_code") < 0) return null;
      var detector = new BarcodeDetector({ formats: ["qr_code"] });
      return {
        read: function (video) {
          return detector.detect(video).then(function (found) {
            return found.map(function (code) { return code.rawValue; });
          });
        },
        close: function () {},
      };
    }).catch(function () { return null; });
  }

  function pictures() {
    var canvas = document.createElement("canvas");
    var context = canvas.getContext("2d", { willReadFrequently: true });
    return function (video) {
      var scale = Math.min(1, WIDEST / video.videoWidth);
      canvas.width = Math.round(video.videoWidth * scale);
      canvas.height = Math.round(video.videoHeight * scale);
      context.drawImage(video, 0, 0, canvas.width, canvas.height);
      return context.getImageData(0, 0, canvas.width, canvas.height);
    };
  }

  function loadedReader(files) {
    return new Promise(function (resolve, reject) {
      var worker = new Worker(files.scanWorker);
      var picture = pictures();
      var answer = null;
      var reader = {
        read: function (video) {
          return new Promise(function (resolveTexts) {
            answer = resolveTexts;
            var image = picture(video);
            worker.postMessage({ image: image }, [image.data.buffer]);
          });
        },
        close: function () { worker.terminate(); },
      };
      function fail() {
        worker.terminate();
        reject(new Error("the decoder did not load"));
      }
      worker.onerror = fail;
      worker.onmessage = function (event) {
        if (event.data.ready) resolve(reader);
        else if (event.data.failed) fail();
        else if (answer) answer(event.data.texts);
      };
      worker.postMessage({ reader: files.scanReader, wasm: files.scanWasm });
    });
  }

  function camera() {
    return media.getUserMedia({
      audio: false,
      video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } },
    });
  }

  function release(stream) {
    stream.getTracks().forEach(function (track) { track.stop(); });
  }

  function Scanner(root) {
    this.root = root;
    this.wants = root.dataset;
    this.button = root.querySelector("[data-scan-start]");
    this.view = root.querySelector("[data-scan-view]");
    this.video = root.querySelector("video");
    this.status = root.querySelector("[data-scan-status]");
    /* Which start of the camera is the one that counts: a slow one may have been stopped meanwhile. */
    this.run = 0;
    this.stream = null;
    this.reader = null;
    this.button.addEventListener("click", this.start.bind(this));
    root.querySelector("[data-scan-stop]").addEventListener("click", this.stop.bind(this, true));
    this.button.hidden = false;
  }

  Scanner.prototype.say = function (words) {
    if (this.status.textContent !== words) this.status.textContent = words || "";
  };

  Scanner.prototype.sayReady = function (run) {
    if (run === this.run) this.say(this.wants.wordsLooking);
  };

  Scanner.prototype.start = function () {
    var scanner = this;
    var run = ++this.run;
    this.button.hidden = true;
    this.view.hidden = false;
    this.root.querySelector("[data-scan-stop]").focus();
    this.say(this.wants.wordsLooking);
    this.open(run).then(function () { scanner.look(run); }, function (error) {
      if (run !== scanner.run) return;
      scanner.stop(true);
      scanner.say(scanner.why(error));
    });
  };

  Scanner.prototype.open = function (run) {
    var scanner = this;
    function stillWanted(thing, close) {
      if (run === scanner.run) return thing;
      close(thing);
      throw new Error("stopped meanwhile");
    }
    return camera().then(function (stream) {
      scanner.stream = stillWanted(stream, release);
      scanner.video.srcObject = stream;
      return scanner.video.play();
    }).then(ownReader).then(function (own) {
      return own || loadedReader(scanner.wants);
    }).then(function (reader) {
      scanner.reader = stillWanted(reader, function (unwanted) { unwanted.close(); });
    });
  };

  Scanner.prototype.why = function (error) {
    if (error.name === "NotAllowedError" || error.name === "SecurityError") return this.wants.wordsRefused;
    if (/^(NotFound|NotReadable|Overconstrained|Abort)Error$/.test(error.name)) return this.wants.wordsNone;
    return this.wants.wordsFailed;
  };

  Scanner.prototype.look = function (run) {
    var scanner = this;
    if (run !== this.run) return;
    if (!document.contains(this.root)) return this.stop(false);
    if (!this.video.videoWidth) return this.lookLater(run);
    this.reader.read(this.video).catch(function () { return []; }).then(function (texts) {
      if (run !== scanner.run) return;
      if (texts.length) scanner.take(texts[0]);
      scanner.lookLater(run);
    });
  };

  Scanner.prototype.lookLater = function (run) {
    window.setTimeout(this.look.bind(this, run), PAUSE);
  };

  Scanner.prototype.take = function (text) {
    var now = Date.now();
    if (text === this.taken && now < this.takenAt + SAME_AGAIN) {
      this.takenAt = now;
      return;
    }
    var path = this.wants.scanLink && this.ownPath(text);
    var fits = this.wants.scanTarget && text.length < 400 && new RegExp(this.wants.scanShape).test(text);
    if (!path && !fits) return this.say(this.wants.wordsOther);
    this.taken = text;
    this.takenAt = now;
    this.say(this.wants.wordsFound);
    if (this.root.hasAttribute("data-scan-again")) window.setTimeout(this.sayReady.bind(this, this.run), READ_SHOWN);
    else this.stop(false);
    if (path) window.location.assign(path + (this.wants.scanQuery || ""));
    else this.send(text);
  };

  /* Only a page of this site whose path has the expected shape is ever opened. */
  Scanner.prototype.ownPath = function (text) {
    var url;
    try {
      url = new URL(text);
    } catch (error) {
      return null;
    }
    var bare = url.origin === window.location.origin && !url.search && !url.hash;
    return bare && new RegExp(this.wants.scanLink).test(url.pathname) ? url.pathname : null;
  };

  Scanner.prototype.send = function (text) {
    var field = document.getElementById(this.wants.scanTarget);
    field.value = text;
    field.form.querySelector("[type=submit]").click();
    /* No keyboard over the picture of whoever goes on scanning. */
    if (this.stream) field.blur();
  };

  Scanner.prototype.stop = function (asked) {
    this.run += 1;
    if (this.stream) release(this.stream);
    if (this.reader) this.reader.close();
    this.stream = this.reader = this.video.srcObject = null;
    this.view.hidden = true;
    this.button.hidden = false;
    if (asked === true) {
      this.say("");
      this.button.focus();
    }
  };

  var scanners = Array.prototype.map.call(document.querySelectorAll("[data-scan]"), function (root) {
    return new Scanner(root);
  });

  function stopAll() {
    scanners.forEach(function (scanner) {
      if (scanner.stream || !scanner.view.hidden) scanner.stop(false);
    });
  }
  document.addEventListener("visibilitychange", function () {
    if (document.hidden) stopAll();
  });
  window.addEventListener("pagehide", stopAll);
})();
