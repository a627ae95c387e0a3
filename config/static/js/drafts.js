// Drafts. <form data-autosave-url="…"> is posted 1.5 s after the last key, sooner after a choice (files left out); [data-autosave-status] says "Saved 08:31".
//   The answer may be JSON {"saved_at": "08:31"} or HTML whose hx-swap-oob parts (states of fields, the submit area) are put in place.
//   Unsaved text is kept in sessionStorage, per person and form, until it is saved: a lost session or network loses no work.
//   It goes when the tab closes, on log-out, and when another person logs in.
//   <form data-confirm="…" data-confirm-untouched> asks only until something is typed or chosen.
//   <form data-keep="…"> (every dialog that asks for words) is kept like that too, without a draft on the server.

const IDLE_MS = 1500;
const CHOSEN_MS = 200; // a choice or a field that was left is done with
const RETRY_MS = 15000;
const PREFIX = "codetrail.draft.";
const person = document.body.dataset.user || "";
const keyOf = (form) => `${PREFIX}${person}.${form.dataset.keep || form.dataset.autosaveUrl}`;

function stored(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key) || "null");
  } catch {
    return null;
  }
}

function forget(match) {
  Object.keys(sessionStorage)
    .filter((key) => key.startsWith(PREFIX) && match(key))
    .forEach((key) => sessionStorage.removeItem(key));
}

function values(form) {
  return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken");
}

// What a person typed or chose, in a form that may be compared: without what the page itself put in.
const OURS = new Set(["version", "draft_seen", "_shown", "then"]);
const typed = (pairs) => pairs.filter(([name]) => !OURS.has(name)).map(([name, value]) => JSON.stringify([name, value.trim()]));

function status(form, text, tone = "") {
  const outside = document.querySelectorAll("[data-autosave-status]");
  outside.forEach((place) => {
    place.textContent = text;
    place.classList.toggle("ct-state", Boolean(tone));
    place.classList.toggle("over", tone === "over");
  });
  if (tone === "over") document.dispatchEvent(new CustomEvent("codetrail:announce", { detail: text }));
}

// Only what differs from the page as it came, or from what was saved last: put back later, it leaves all else as it is.
function changed(form) {
  const known = new Set(form._draft.base);
  const names = new Set(values(form).filter((pair) => typed([pair]).some((text) => !known.has(text))).map(([name]) => name));
  return values(form).filter(([name]) => names.has(name));
}

function keep(form) {
  try {
    sessionStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), values: changed(form) }));
  } catch {
    /* full or forbidden: the server's draft is then the only one */
  }
}

const clock = () => new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

const REFUSED = {
  401: "Not saved: you are logged off. The text is kept in this tab. Log in again, then go on.",
  403: "Not saved: this item is no longer yours to change. The text is kept in this tab.",
  404: "Not saved: this item is no longer in your list. The text is kept in this tab.",
  409: "Not saved: you typed into this item in another window. The text is kept in this tab; load the page to compare.",
};

async function save(form) {
  const state = form._draft;
  clearTimeout(state.timer);
  if (state.sending) return void (state.again = true);
  state.sending = true;
  status(form, "Saving");
  const said = typed(values(form));
  try {
    const answer = await fetch(form.dataset.autosaveUrl, {
      method: "POST",
      credentials: "same-origin",
      redirect: "manual",
      headers: { "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content, "HX-Request": "true", Accept: "text/html, application/json" },
      body: new URLSearchParams(values(form)),
    });
    if (answer.type === "opaqueredirect" || answer.status === 401) refuse(form, REFUSED[401]);
    else if (answer.status === 403 && (await renewed(answer))) state.again = true;
    else if (!answer.ok) refuse(form, REFUSED[answer.status] || `Not saved: the server answered ${answer.status}. The text is kept in this tab and tried again.`, answer.status >= 500 || answer.status === 429);
    else await done(form, answer, said);
  } catch {
    refuse(form, "Not saved: no connection. The text is kept in this tab and tried again.", true);
  } finally {
    state.sending = false;
    if (state.again) {
      state.again = false;
      later(form, IDLE_MS);
    }
  }
}

// A form from before a new log-in: requests.js takes the new token when it is the same person.
async function renewed(answer) {
  return (await answer.text()).includes('data-error="csrf"') && window.codetrail.renew();
}

async function done(form, answer, said) {
  let at = clock();
  if ((answer.headers.get("Content-Type") || "").includes("json")) at = (await answer.json()).saved_at || at;
  else {
    const html = await answer.text();
    at = answer.headers.get("X-Saved-At") || at;
    if (html.trim()) window.htmx.swap(document.body, html, { swapStyle: "none" });
    setTimeout(() => frames(form)); // the swap settles first
  }
  form._draft.refused = false;
  form._draft.base = said;
  form._draft.dirty = said.join() !== typed(values(form)).join();
  if (!form._draft.dirty) sessionStorage.removeItem(keyOf(form));
  status(form, `Saved ${at}`);
}

// A field's frame follows its state, which the answer put in place: [data-ev-state] in [data-ev].
function frames(form) {
  form.querySelectorAll("[data-ev]").forEach((frame) => {
    const state = frame.querySelector("[data-ev-state]")?.dataset.evState;
    if (!state) return;
    frame.classList.toggle("is-gap", state === "missing" || state === "not_accepted");
    frame.classList.toggle("is-wrong", state === "not_accepted");
  });
}

function refuse(form, text, again = false) {
  if (form._draft.sent) return;
  form._draft.refused = true;
  keep(form);
  status(form, text, "over");
  if (again) later(form, RETRY_MS);
}

function later(form, delay) {
  clearTimeout(form._draft.timer);
  form._draft.timer = setTimeout(() => save(form), delay);
}

// What was not saved before is offered, never put in place unasked.
function offer(form) {
  const left = stored(keyOf(form));
  if (!left) return;
  const fresh = new Set(typed(values(form)));
  const words = left.values.filter(([, value]) => value.trim());
  if (typed(words).every((pair) => fresh.has(pair))) return void sessionStorage.removeItem(keyOf(form));
  const note = document.createElement("div");
  note.className = "ct-note soon";
  const when = new Date(left.at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const text = document.createElement("span");
  text.innerHTML = "<b></b> It is kept in this tab only. <button type=button class=ct-link data-draft-back>Put it back</button> or <button type=button class=ct-link data-draft-drop>drop it</button>";
  text.querySelector("b").textContent = `What you typed at ${when} was not saved.`;
  note.append(text);
  (form.querySelector("[data-errors]") || document.getElementById("page-errors")).prepend(note);
  note.querySelector("[data-draft-back]").addEventListener("click", () => {
    putBack(form, words);
    note.remove();
    if (form.dataset.autosaveUrl) later(form, 0);
  });
  note.querySelector("[data-draft-drop]").addEventListener("click", () => {
    sessionStorage.removeItem(keyOf(form));
    note.remove();
  });
}

function putBack(form, pairs) {
  const byName = Map.groupBy ? Map.groupBy(pairs, ([name]) => name) : pairs.reduce((map, pair) => map.set(pair[0], [...(map.get(pair[0]) || []), pair]), new Map());
  byName.forEach((list, name) => {
    const wanted = list.map(([, value]) => value);
    [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)].forEach((field, place) => {
      if (field.type === "checkbox" || field.type === "radio") field.checked = wanted.includes(field.value);
      else if (field.type !== "hidden" && field.type !== "file") field.value = wanted[place] ?? wanted[0];
    });
  });
}

function start(form) {
  if (form._draft) return;
  form._draft = { timer: 0, sending: false, again: false, dirty: false, refused: false, sent: false, base: typed(values(form)) };
  offer(form);
  for (const name of ["input", "change"]) {
    form.addEventListener(name, (event) => {
      if (event.target.type === "file") return;
      form._draft.dirty = true;
      if (form.dataset.confirmUntouched !== undefined) delete form.dataset.confirm;
      keep(form);
      if (form.dataset.autosaveUrl) later(form, name === "change" ? CHOSEN_MS : IDLE_MS);
    });
  }
  form.addEventListener("submit", () => clearTimeout(form._draft.timer));
}

// The list of gaps on the submit button is that of the last save. Pressed while something newer stands in the form, it is saved first and pressed again.
const SETTLED_MS = 60;
const WAITS = 50;
let pressing = false;

const pause = (time) => new Promise((go) => setTimeout(go, time));

async function pressSaved(form, id) {
  pressing = true;
  try {
    await save(form);
    for (let count = 0; count < WAITS && form._draft.sending; count += 1) await pause(SETTLED_MS);
    await pause(SETTLED_MS);
    document.getElementById(id)?.click();
  } finally {
    pressing = false;
  }
}

window.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest?.(".ct-submit[aria-disabled=true]");
    const form = button?.closest("form[data-autosave-url]");
    if (pressing || !form?._draft?.dirty) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    pressSaved(form, button.id);
  },
  true,
);

// What was taken by the server is no longer kept here; a log-in page in its place took nothing.
function sent({ detail: { elt, xhr } }) {
  if (!elt._draft || xhr.status < 200 || xhr.status >= 400 || xhr.responseURL.includes("/login")) return;
  clearTimeout(elt._draft.timer);
  elt._draft.sent = true;
  sessionStorage.removeItem(keyOf(elt));
}

const each = () => document.querySelectorAll("form[data-autosave-url], form[data-keep]");
const unsaved = (name) => [...each()].filter((form) => form.dataset.autosaveUrl && form._draft?.[name]);
forget((key) => !key.startsWith(`${PREFIX}${person}.`));
each().forEach(start);
document.addEventListener("htmx:afterSettle", () => each().forEach(start));
document.addEventListener("htmx:beforeOnLoad", sent); // a form that its own answer replaces is gone from the page afterwards
document.addEventListener("htmx:afterRequest", sent);
document.addEventListener("codetrail:save-now", () => unsaved("dirty").forEach(save));
document.addEventListener("visibilitychange", () => unsaved(document.hidden ? "dirty" : "refused").forEach(save));
document.addEventListener("submit", (event) => event.target.matches("[data-logout]") && forget(() => true));
