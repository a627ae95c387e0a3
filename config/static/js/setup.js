// Django's set-up pages: every field of a row, and what Select2 draws for a choice, gets a name.
"use strict";

/** The words before a field: its label, or the head of its column. */
function nameOf(field) {
  const label = document.querySelector(`label[for="${field.id}"]`);
  const cell = field.closest("td");
  const head = cell && cell.closest("table").querySelectorAll("thead th")[cell.cellIndex];
  return (label || head)?.textContent.trim().replace(/[:?]$/, "");
}

function nameAll(root) {
  for (const field of root.querySelectorAll(".tabular td input:not([type=hidden])")) {
    if (!field.labels.length && nameOf(field)) field.setAttribute("aria-label", nameOf(field));
  }
  for (const select of root.querySelectorAll("select.select2-hidden-accessible")) {
    const drawn = select.nextElementSibling;
    const name = nameOf(select);
    if (!drawn || !name) continue;
    const box = drawn.querySelector(".select2-selection");
    const shown = drawn.querySelector(".select2-selection__rendered");
    shown.setAttribute("aria-label", name);
    box.setAttribute("aria-label", name);
    box.removeAttribute("aria-labelledby");
    box.setAttribute("aria-describedby", shown.id);
  }
}

const $ = window.django?.jQuery; // Only pages with such fields load it.
if ($) {
  $(() => nameAll(document));
  document.addEventListener("formset:added", (event) => setTimeout(() => nameAll(event.target)));
  $(document).on("select2:open", (event) => {
    const search = document.querySelector(".select2-container--open .select2-search__field");
    search?.setAttribute("aria-label", `Search: ${nameOf(event.target) || "choices"}`);
  });
}
