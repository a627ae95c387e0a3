// Idle log-off. The server ends the session by itself; this warns before, in every tab, saves drafts, and leaves the page when time is up.
// <meta name="idle-seconds">, <meta name="idle-warn-seconds"> (how long the warning stands), <meta name="keepalive-url">.

const meta = (name) => document.querySelector(`meta[name=${name}]`)?.content;
const idle = Number(meta("idle-seconds") || 0) * 1000;
const warn = Number(meta("idle-warn-seconds") || 0) * 1000;
const dialog = document.getElementById("idle");
const KEY = "codetrail.active";

let last = Date.now();
let pinged = Date.now();

function ping() {
  pinged = Date.now();
  fetch(meta("keepalive-url"), { credentials: "same-origin", redirect: "manual" }).catch(() => {});
}

function active() {
  last = Date.now();
  try {
    localStorage.setItem(KEY, String(last));
  } catch {
    /* other tabs then count for themselves */
  }
  if (last - pinged > idle / 3) ping();
}

function others() {
  try {
    last = Math.max(last, Number(localStorage.getItem(KEY) || 0));
  } catch {
    /* this tab alone */
  }
}

function words(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  if (seconds >= 120) return `${Math.ceil(seconds / 60)} minutes`;
  return seconds === 1 ? "1 second" : `${seconds} seconds`;
}

function leave() {
  clearInterval(ticking);
  const form = dialog.querySelector("[data-idle-out]");
  form.querySelector("[name=idle]").value = "1";
  form.querySelector("[name=next]").value = location.pathname; // where to go on after the next log-in
  form.requestSubmit();
}

function tick() {
  others();
  const left = last + idle - Date.now();
  if (left <= 0) return leave();
  if (left > warn) return void (dialog.open && dialog.close());
  dialog.querySelector("[data-idle-left]").textContent = words(left);
  if (dialog.open) return;
  document.dispatchEvent(new CustomEvent("codetrail:save-now"));
  document.dispatchEvent(new CustomEvent("codetrail:open", { detail: "idle" }));
}

let ticking = 0;
if (idle && dialog) {
  let quiet = 0;
  for (const name of ["keydown", "pointerdown", "wheel", "touchstart"]) {
    document.addEventListener(
      name,
      () => {
        if (dialog.open || Date.now() - quiet < 2000) return; // the warning asks for an answer
        quiet = Date.now();
        active();
      },
      { passive: true },
    );
  }
  dialog.querySelector("[data-idle-stay]").addEventListener("click", () => {
    dialog.close();
    active();
    ping();
  });
  dialog.addEventListener("cancel", () => {
    active();
    ping();
  });
  active();
  ticking = setInterval(tick, 1000);
}
