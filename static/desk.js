// Comfort on the pages of the desk: pictures, focus, the bulk bar. Every page works without it.
(function () {
  "use strict";

  // The browser's own file control gives way to a large button in the page's language.
  function enhance(root) {
    root.querySelectorAll("[data-photo-input]").forEach(function (box) {
      var input = fileInput(box);
      input.classList.add("visually-hidden");
      box.querySelector(".desk-photo-button").hidden = false;
      input.addEventListener("change", function () { add(box); });
      show(box);
    });
  }

  // Pictures chosen one after the other are all sent, until one is taken out again; each is shown before it is sent.
  var chosen = new WeakMap();
  function fileInput(box) { return box.querySelector("input[type=file]"); }
  function add(box) {
    var before = chosen.get(box) || [], known = before.map(mark);
    var more = Array.from(fileInput(box).files).filter(function (file) { return known.indexOf(mark(file)) < 0; });
    keep(box, before.concat(more));
  }
  function mark(file) { return [file.name, file.size, file.lastModified].join("/"); }
  function keep(box, files) {
    try {
      var all = new DataTransfer();
      files.forEach(function (file) { all.items.add(file); });
      fileInput(box).files = all.files;
    } catch (error) {
      console.info("This browser keeps the last choice only.", error);
    }
    show(box);
  }
  function show(box) {
    var list = box.querySelector("[data-photo-preview]"), files = Array.from(fileInput(box).files);
    chosen.set(box, files);
    list.textContent = "";
    files.forEach(function (file) { list.appendChild(preview(box, file)); });
    list.hidden = !files.length;
  }
  function preview(box, file) {
    var item = document.createElement("li"), image = document.createElement("img"), button = document.createElement("button");
    image.alt = file.name;
    image.src = URL.createObjectURL(file);
    image.addEventListener("load", function () { URL.revokeObjectURL(image.src); });
    // A desktop browser cannot draw HEIC; its name stands there instead.
    image.addEventListener("error", function () { image.replaceWith(document.createTextNode(file.name)); });
    button.type = "button";
    button.className = "btn btn-secondary btn-sm desk-photo-remove";
    button.textContent = box.dataset.textRemove;
    button.setAttribute("aria-label", box.dataset.textRemove + " " + file.name);
    button.addEventListener("click", function () {
      keep(box, (chosen.get(box) || []).filter(function (other) { return other !== file; }));
      (box.querySelector(".desk-photo-remove") || fileInput(box)).focus();
    });
    item.append(image, button);
    return item;
  }
  enhance(document);
  // Gone back to, a page still holds what was chosen; some browsers fill it in only now.
  window.addEventListener("pageshow", function () { document.querySelectorAll("[data-photo-input]").forEach(show); });

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
