// Time on an item: [data-beat-url] asks to be told once a minute that its person is at work here, which is: the page is in sight and a key or the
// pointer moved within two minutes. Told, too, when the page goes out of sight or a form is sent, so that the last minute counts.
// It says no number: the server counts by its own clock. It is no act, so the session does not live longer by it.

const MINUTE_MS = 60_000;
const AT_WORK_MS = 2 * MINUTE_MS;
const LEAST_MS = 5_000;
const place = document.querySelector("[data-beat-url]");

let moved = Date.now();
let told = 0;
let over = !place;

async function tell() {
  const now = Date.now();
  if (over || now - moved > AT_WORK_MS || now - told < LEAST_MS) return;
  told = now;
  const headers = { "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content, "X-Background": "1", "HX-Request": "true" };
  const answer = await fetch(place.dataset.beatUrl, { method: "POST", credentials: "same-origin", redirect: "manual", keepalive: true, headers });
  over = [403, 404].includes(answer.status); // it went to somebody else, or it has ended
}

const tellIfSeen = () => !document.hidden && tell().catch(() => {}); // without a network the next one says it
const tellLast = () => tell().catch(() => {});

if (place) {
  for (const name of ["keydown", "pointerdown", "pointermove", "wheel"]) {
    document.addEventListener(name, () => (moved = Date.now()), { capture: true, passive: true });
  }
  document.addEventListener("visibilitychange", tellLast);
  document.addEventListener("submit", tellLast, true);
  setInterval(tellIfSeen, MINUTE_MS);
  tellIfSeen();
}
