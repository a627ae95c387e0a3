// Requests. CSRF on every htmx request; no form goes twice; a refusal appears in place.
//   An error answer whose first element has data-error goes into the nearest [data-errors] (form, dialog, panel, page);
//   any other 4xx fragment (a form with its gaps, 422) is swapped where it was asked for.

const csrf = () => document.querySelector("meta[name=csrf-token]")?.content || "";

// After a log-in in another tab the page takes the new token, when it is the same person; for another one it stays refused.
async function renew() {
  const answer = await fetch(document.querySelector("meta[name=session-url]").content, { credentials: "same-origin", redirect: "manual" });
  if (!answer.ok) return false;
  const { user, token } = await answer.json();
  if (user !== document.body.dataset.user) return false;
  document.querySelector("meta[name=csrf-token]").content = token;
  document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((field) => (field.value = token));
  return true;
}
window.codetrail = { ...window.codetrail, renew };

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = csrf();
});

// Double submit: the form's buttons wait, with aria-busy, until the answer or the way back. data-download: the page stays, so it is not held.
const busy = new WeakSet();

function hold(form) {
  busy.add(form);
  [...form.elements].filter((element) => element.type === "submit").forEach((button) => button.setAttribute("aria-busy", "true"));
}

function release(form) {
  if (!form) return;
  busy.delete(form);
  [...form.elements].forEach((element) => element.removeAttribute("aria-busy"));
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (form.method === "dialog") return;
    if (busy.has(form)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  },
  true,
);
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!event.defaultPrevented && form.method === "post" && form.dataset.download === undefined) setTimeout(() => hold(form)); // after the value of the button is taken
});
document.addEventListener("htmx:beforeRequest", (event) => event.detail.elt.matches("form") && hold(event.detail.elt));
document.addEventListener("htmx:afterRequest", (event) => event.detail.elt.matches("form") && release(event.detail.elt));
window.addEventListener("pageshow", (event) => event.persisted && [...document.forms].forEach(release));

// Where a refusal goes.
function errorPlace(element) {
  const near = element?.closest("form, dialog, [data-errors-scope], section");
  return near?.querySelector("[data-errors]") || document.getElementById("page-errors");
}

function say(place, title, text) {
  const note = document.createElement("div");
  note.className = "ct-note over";
  const strong = document.createElement("b");
  strong.textContent = title;
  const words = document.createElement("span");
  words.append(strong, ` ${text}`);
  note.append(words);
  place.replaceChildren(note);
  place.scrollIntoView({ block: "nearest" });
}

const STATUS = {
  401: ["You are logged off.", "What you typed is kept in this tab. Log in again in another tab, then repeat the step."],
  429: ["Too many requests.", "Wait a minute, then repeat the step."],
};
const OTHER = ["This page was loaded before somebody logged in or off here.", "Nothing was sent. Copy what you still need, then load the page."];
const RENEWED = ["You logged in again since this page was loaded.", "Nothing was sent and what you typed is still here. Press once more."];
const UNKNOWN = ["That did not work.", "The server could not do it. What you typed is still here; try again, or tell your administrator when it stays."];

// The fields that a refusal names (data-names) are marked where they stand, and the first takes the focus.
const frames = (form, names) => names.map((name) => form.querySelector(`[data-ev="${CSS.escape(name)}"]`) || [form.elements[name]].flat()[0]?.closest?.(".ct-field")).filter(Boolean);

function mark(form, names) {
  const found = form ? frames(form, names) : [];
  found.forEach((frame) => frame.classList.add("is-refused"));
  found[0]?.querySelector("input:not([type=hidden]), select, textarea")?.focus();
}

function unmark(form) {
  form.querySelectorAll(".is-refused").forEach((frame) => frame.classList.remove("is-refused"));
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, elt } = event.detail;
  const type = xhr.getResponseHeader("Content-Type") || "";
  const body = xhr.responseText || "";
  const whole = /^\s*<!doctype/i.test(body);
  if (xhr.status < 400) {
    // A log-in page in place of a fragment means the session is over.
    if (whole && xhr.responseURL.includes("/login") && elt.closest("main, dialog, header")) {
      event.detail.shouldSwap = false;
      say(errorPlace(elt), ...STATUS[401]);
    }
    return;
  }
  if (body.includes('data-error="csrf"')) {
    event.detail.shouldSwap = false;
    const place = errorPlace(elt);
    renew().then((same) => say(place, ...(same ? RENEWED : OTHER)));
  } else if (whole || !type.startsWith("text/html") || !body.trim()) {
    event.detail.shouldSwap = false;
    say(errorPlace(elt), ...(STATUS[xhr.status] || UNKNOWN));
  } else if (/^\s*<[^>]+\sdata-error\b/.test(body) && !xhr.getResponseHeader("HX-Retarget")) {
    event.detail.target = errorPlace(elt);
    event.detail.swapOverride = "innerHTML show:none";
    event.detail.shouldSwap = true;
    errorPlace(elt).scrollIntoView({ block: "nearest" });
    const [, names] = body.match(/^\s*<[^>]+\sdata-names="([^"]+)"/) || [];
    if (names) mark(elt.closest("form"), names.split(" "));
  }
});
document.addEventListener("htmx:beforeRequest", (event) => {
  errorPlace(event.detail.elt)?.replaceChildren();
  if (event.detail.elt.matches("form")) unmark(event.detail.elt);
});
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => {
    say(errorPlace(event.detail.elt), "No answer from the server.", "Nothing was changed and what you typed is still here. Check the connection, then repeat the step.");
  });
}
