// Sets the theme before the first paint; the choice is light, dark or system and lives in this browser.
// The only blocking script. data-theme is what the person chose, data-bs-theme what is drawn.
"use strict";
(() => {
  const KEY = "codetrail.theme";
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  const chosen = () => {
    try {
      return localStorage.getItem(KEY) || "system";
    } catch {
      return "system"; // storage can be forbidden by the site
    }
  };
  const draw = () => {
    const choice = chosen();
    root.dataset.theme = choice;
    root.dataset.bsTheme = choice === "system" ? (dark.matches ? "dark" : "light") : choice;
    document.querySelectorAll("[data-theme-set]").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset.themeSet === choice));
    });
    document.dispatchEvent(new CustomEvent("codetrail:theme", { detail: root.dataset.bsTheme }));
  };

  draw();
  dark.addEventListener("change", draw);
  window.addEventListener("storage", (event) => event.key === KEY && draw());
  document.addEventListener("DOMContentLoaded", draw);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-set]");
    if (!button) return;
    try {
      localStorage.setItem(KEY, button.dataset.themeSet);
    } catch {
      root.dataset.theme = button.dataset.themeSet;
    }
    draw();
  });
})();
