// Comfort on the pages of the desk: previews, focus, the bulk bar. Every page works without it.
(function () {
  "use strict";

  // The browser's own file control gives way to a large button in the page's language.
  function enhance(root) {
    root.querySelectorAll("[data-photo-input]").forEach(function (box) {
      box.querySelector("input[type=file]").classList.add("visually-hidden");
      box.querySelector(".desk-photo-button").hidden = false;
    });
  }
  enhance(document);

  // Pictures just chosen are shown before they are sent.
  document.addEventListener("change", function (event) {
    var box = event.target.closest("[data-photo-input]");
    if (!box || event.target.type !== "file") { return; }
    var list = box.querySelector("[data-photo-preview]");
    list.textContent = "";
    Array.prototype.forEach.call(event.target.files, function (file) {
      var item = document.createElement("li");
      var image = document.createElement("img");
      image.alt = file.name;
      image.src = URL.createObjectURL(file);
      image.addEventListener("load", function () { URL.revokeObjectURL(image.src); });
      // A desktop browser cannot draw HEIC; its name stands there instead.
      image.addEventListener("error", function () { item.textContent = file.name; });
      item.appendChild(image);
      list.appendChild(item);
    });
    list.hidden = !list.children.length;
  });

  // What a refused form says of a field is about what was sent: it goes once the field is changed or answered for.
  function takeBack(field) {
    if (!field || field.getAttribute("aria-invalid") !== "true") { return; }
    field.removeAttribute("aria-invalid");
    var sentence = document.getElementById(field.id + "_error");
    if (sentence) { sentence.hidden = true; }
  }
  ["input", "change"].forEach(function (kind) {
    document.addEventListener(kind, function (event) { takeBack(event.target); });
  });

  // A form that opened in the page takes the focus.
  document.addEventListener("htmx:afterSwap", function (event) {
    enhance(event.target);
    var answer = event.target.querySelector("[data-answers]");
    if (answer) { takeBack(document.getElementById(answer.dataset.answers)); }
    if (!event.target.hasAttribute("data-focus")) { return; }
    var first = event.target.querySelector("select, textarea, input:not([type=hidden])");
    if (first) { first.focus(); }
  });

  // The bulk bar shows only while something is ticked.
  document.querySelectorAll("[data-bulk]").forEach(function (form) {
    var bar = form.querySelector("[data-bulk-bar]");
    if (!bar) { return; }
    var refresh = function () { bar.hidden = !form.querySelector("input[name=number]:checked"); };
    form.addEventListener("change", refresh);
    refresh();
  });

  // A second click while a form is on its way is swallowed; the server would refuse it with a message.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post") { return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    window.addEventListener("pageshow", function () { delete form.dataset.sent; });
  });
})();
