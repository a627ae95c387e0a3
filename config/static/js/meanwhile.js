// Coming back to a form (window or tab in front again) asks whether its item changed meanwhile: <form data-look-url="…"> with a field "version".
//   The answer, if any, is a warning that is put above the form (hx-swap-oob); the fields are never touched.

const QUIET_MS = 5000;
let looked = Date.now();

async function look(form) {
  const { version } = form.elements;
  if (!version || document.getElementById("meanwhile")?.childElementCount) return;
  const answer = await fetch(`${form.dataset.lookUrl}?version=${version.value}`, { credentials: "same-origin", redirect: "manual", headers: { "HX-Request": "true", "X-Background": "1" } });
  if (answer.status === 200) window.htmx.swap(document.body, await answer.text(), { swapStyle: "none" });
}

function back() {
  if (document.hidden || Date.now() - looked < QUIET_MS) return;
  looked = Date.now();
  document.querySelectorAll("form[data-look-url]").forEach((form) => look(form).catch(() => {})); // without a network the next save says so
}

window.addEventListener("focus", back);
document.addEventListener("visibilitychange", back);
