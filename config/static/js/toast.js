// Toasts say what worked: 8 seconds, longer while pointed at or focused. From the server as Django messages, as an HX-Trigger
// {"codetrail:toast": {"text": …}} or from a script by the same event. codetrail:announce only speaks, to readers.

const STAY_MS = 8000;
const area = document.getElementById("toasts");
const voice = document.getElementById("announce");

function arm(toast) {
  let timer = 0;
  const start = () => (timer = setTimeout(() => toast.remove(), STAY_MS));
  const hold = () => clearTimeout(timer);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("focusout", start);
  toast.addEventListener("pointerleave", start);
  start();
}

function show(detail) {
  const text = typeof detail === "string" ? detail : detail?.text || detail?.value;
  const template = document.getElementById("toast-template");
  if (!text || !template) return;
  const toast = template.content.firstElementChild.cloneNode(true);
  toast.querySelector("[data-toast-text]").textContent = text;
  area.append(toast);
  arm(toast);
}

area?.querySelectorAll("[data-toast]").forEach(arm);
document.addEventListener("codetrail:toast", (event) => show(event.detail));
document.addEventListener("codetrail:announce", (event) => {
  if (!voice) return;
  voice.textContent = "";
  setTimeout(() => (voice.textContent = event.detail), 50);
});
document.addEventListener("click", (event) => event.target.closest("[data-toast-close]")?.closest("[data-toast]")?.remove());
// Toasts that come with a swap (hx-swap-oob="beforeend:#toasts") start their time here.
document.addEventListener("htmx:oobAfterSwap", () => area?.querySelectorAll("[data-toast]").forEach(arm));
