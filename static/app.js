// What every page shares: CSRF for htmx, the folded navigation, menus that close. Pages work without it.
(function () {
  "use strict";
  var root = document.documentElement;
  var KEY = "wg-nav-small";

  function remembered() {
    try { return window.localStorage.getItem(KEY) === "1"; } catch (error) { return false; }
  }
  function remember(small) {
    try { window.localStorage.setItem(KEY, small ? "1" : "0"); } catch (error) { return; }
  }
  // In the head, so that a folded navigation does not open for a moment.
  root.classList.toggle(KEY, remembered());

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-wg-print]").forEach(function (button) { button.hidden = false; });
    var fold = document.querySelector("[data-wg-fold]");
    if (fold) {
      fold.hidden = false;
      fold.setAttribute("aria-expanded", String(!remembered()));
      fold.addEventListener("click", function () {
        var small = root.classList.toggle(KEY);
        fold.setAttribute("aria-expanded", String(!small));
        remember(small);
      });
    }
    document.body.addEventListener("htmx:configRequest", function (event) {
      event.detail.headers["X-CSRFToken"] = document.body.getAttribute("data-csrf");
    });
  });

  function closeMenus(except) {
    document.querySelectorAll("details.wg-menu[open]").forEach(function (menu) {
      if (menu !== except) { menu.open = false; }
    });
  }
  document.addEventListener("click", function (event) {
    closeMenus(event.target.closest("details.wg-menu"));
    if (event.target.closest("[data-wg-print]")) { window.print(); }
  });
  document.addEventListener("keydown", function (event) {
    var menu = document.querySelector("details.wg-menu[open]");
    if (event.key === "Escape" && menu) {
      closeMenus(null);
      menu.querySelector("summary").focus();
    }
  });
})();
