// Steps of a checklist (.ct-step): done or does not apply, never both. Ticking one takes the other off; a box can be cleared again.

document.addEventListener("change", ({ target }) => {
  const step = target.matches("input[type=checkbox]") && target.closest(".ct-step");
  if (!step || !target.checked) return;
  step.querySelectorAll("input[type=checkbox]").forEach((box) => {
    if (box !== target) box.checked = false;
  });
}, true); // before drafts.js reads the form
