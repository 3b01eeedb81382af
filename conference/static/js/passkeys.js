/* Asamblea: passkeys. Shows the buttons where this browser can use them, and carries what is asked and answered. */
(function () {
  "use strict";
  var library = window.SimpleWebAuthnBrowser;

  function Refusal(words) {
    this.words = words;
  }

  function post(form, address, content) {
    var request = {
      method: "POST",
      credentials: "same-origin",
      headers: {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "X-CSRFToken": form.elements.csrf_token.value
      },
      body: JSON.stringify(content)
    };
    return fetch(address, request).then(
      function (response) { return read(form, response); },
      function () { throw new Refusal(form.dataset.offline); }
    );
  }

  /* The words are the server's, in the reader's language; an answer that is no JSON of ours has none. */
  function read(form, response) {
    return response.json().then(
      function (said) {
        if (response.ok) return said;
        if (said.go) {
          location.assign(said.go);
          return new Promise(function () {});
        }
        throw new Refusal(said.text || form.dataset.failed);
      },
      function () { throw new Refusal(form.dataset.failed); }
    );
  }

  function ask(form, options) {
    var start = form.dataset.passkey === "add" ? library.startRegistration : library.startAuthentication;
    return start({ optionsJSON: options });
  }

  /* What the browser refuses it names in English, for programmers. */
  function wordsFor(form, error) {
    if (error instanceof Refusal) return error.words;
    if (error.name === "InvalidStateError" && form.dataset.passkey === "add") return form.dataset.known;
    if (/^(NotAllowedError|AbortError|TimeoutError)$/.test(error.name)) return form.dataset.cancelled;
    if (/^(NotSupportedError|ConstraintError|SecurityError)$/.test(error.name)) return form.dataset.impossible;
    return form.dataset.failed;
  }

  function show(form, words) {
    var notice = form.querySelector("[data-passkey-error]");
    notice.querySelector("p").textContent = words;
    notice.hidden = !words;
  }

  function wait(form, waiting) {
    form.querySelector("[data-passkey-waiting]").hidden = !waiting;
    var button = form.querySelector("button");
    /* Not `disabled`, which would take the focus away. */
    if (waiting) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }

  function begin(event) {
    var form = event.target;
    event.preventDefault();
    if (form.querySelector("button").hasAttribute("aria-disabled")) return;
    show(form, "");
    wait(form, true);
    post(form, form.dataset.options, { next: form.elements.next.value })
      .then(function (options) { return ask(form, options); })
      .then(function (answer) {
        return post(form, form.getAttribute("action"), { answer: answer, next: form.elements.next.value });
      })
      .then(function (said) { location.assign(said.go); })
      .catch(function (error) {
        wait(form, false);
        show(form, wordsFor(form, error));
      });
  }

  if (!library || !library.browserSupportsWebAuthn()) return;
  document.querySelectorAll("form[data-passkey]").forEach(function (form) {
    if (location.origin !== form.dataset.origin) return;
    form.addEventListener("submit", begin);
    form.hidden = false;
  });
})();
