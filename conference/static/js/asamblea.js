/* Asamblea: the little that a page wants besides htmx. Every page works without it. */
(function () {
  "use strict";
  var toast = document.getElementById("toast");

  function hideToast() {
    toast.hidden = true;
    toast.textContent = "";
  }

  /* The words are the server's, in the reader's language. The same message is not announced twice. */
  function showToast(words) {
    if (!toast.hidden && toast.firstChild.textContent === words) return;
    hideToast();
    var text = document.createElement("p");
    text.textContent = words;
    var close = document.createElement("button");
    close.type = "button";
    close.className = "button button-secondary";
    close.textContent = toast.dataset.close;
    close.addEventListener("click", hideToast);
    toast.hidden = false;
    toast.append(text, close);
  }

  if (toast) {
    document.addEventListener("htmx:responseError", function () {
      showToast(toast.dataset.serverError);
    });
    document.addEventListener("htmx:sendError", function () {
      showToast(toast.dataset.offline);
    });
    document.addEventListener("htmx:timeout", function () {
      showToast(toast.dataset.offline);
    });
    document.addEventListener("htmx:afterRequest", function (event) {
      if (event.detail.successful) hideToast();
    });
  }

  /* Who is asked to wait is asked once, however often they try. */
  document.addEventListener("htmx:beforeSwap", function () {
    var wait = document.getElementById("wait");
    if (wait) wait.remove();
  });

  function first(root, selector) {
    return root.matches(selector) ? root : root.querySelector(selector);
  }

  /* Focus follows what a person did, never a page that refreshes itself under their fingers. */
  document.addEventListener("htmx:afterSettle", function (event) {
    var request = event.detail.requestConfig;
    var cause = request && request.triggeringEvent;
    if (!cause || !/^(submit|click|change)$/.test(cause.type)) return;
    var swapped = event.target;
    var target = first(swapped, "[autofocus]") || first(swapped, "[data-focus]");
    var wrong = first(swapped, ".field-error");
    if (!target && wrong) target = wrong.querySelector("input, select, textarea");
    if (!target) return;
    if (target.tabIndex < 0 && !target.hasAttribute("tabindex")) target.setAttribute("tabindex", "-1");
    target.focus();
  });

  /* Whoever changes the language reads what the address says now: with the filter chosen since, or another day. */
  function keepAddress() {
    var own = "/" + document.documentElement.lang;
    if (!location.pathname.startsWith(own + "/")) return;
    document.querySelectorAll(".site-tools a[hreflang]").forEach(function (link) {
      link.pathname = "/" + link.hreflang + location.pathname.slice(own.length);
      link.search = location.search;
    });
  }
  document.addEventListener("htmx:pushedIntoHistory", keepAddress);
  document.addEventListener("htmx:replacedInHistory", keepAddress);

  /* A door's field is ready for the next ticket as soon as the last one is on its way. */
  document.addEventListener("htmx:beforeRequest", function (event) {
    var form = event.target;
    if (!form.matches("form[data-clear]")) return;
    form.reset();
    form.querySelector("[autofocus]").focus();
  });

  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
  });
  document.addEventListener("click", function (event) {
    if (event.target.closest && event.target.closest("[data-print]")) window.print();
  });
  /* Where people queue, the field for the next one is ready as soon as the paper is. */
  window.addEventListener("afterprint", function () {
    var next = document.querySelector("[data-after-print] input:not([type=hidden])");
    if (next) next.focus();
  });

  /* A text to send: by the phone's own menu where there is one, else copied, else marked to be copied by hand. */
  document.querySelectorAll("[data-share]").forEach(function (button) {
    button.hidden = false;
  });
  document.addEventListener("click", function (event) {
    var button = event.target.closest && event.target.closest("[data-share]");
    if (!button) return;
    var text = document.getElementById(button.dataset.share);
    var said = button.parentElement.querySelector("[role=status]");
    function byHand() {
      text.focus();
      text.select();
    }
    if (navigator.share) {
      navigator.share({ text: text.value }).catch(function () {});
    } else if (navigator.clipboard) {
      navigator.clipboard.writeText(text.value).then(function () {
        said.textContent = button.dataset.shared;
      }, byHand);
    } else {
      byHand();
    }
  });
})();
