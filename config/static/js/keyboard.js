// Keys. A control says which key presses it: data-key="n", data-key="g m"; data-key-label names it in the sheet.
//   a button or link is clicked · a field is focused · a form is submitted (data-key-action is the same, for forms)
// Never while typing, never with Ctrl, Alt or Meta, never behind an open dialog. Off switch in the sheet, kept in this browser.
// Keys of rows (j, k, o, x) are in rows.js.

const OFF = "codetrail.keys.off";
const CHORD_MS = 1500;
const TYPING = "input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=file]), textarea, select, [contenteditable=true]";

let pending = "";
let timer = 0;

const store = {
  get off() {
    try {
      return localStorage.getItem(OFF) === "1";
    } catch {
      return false;
    }
  },
  set off(value) {
    try {
      localStorage.setItem(OFF, value ? "1" : "");
    } catch {
      /* without storage keys stay on */
    }
  },
};

const keyOf = (element) => element.dataset.key || element.dataset.keyAction;

function scope() {
  return document.querySelector("dialog[open]:modal") || document;
}

function shown(element) {
  if (element.matches("form")) return true; // a form may be hidden: it stands for its key
  return element.checkVisibility({ visibilityProperty: true }) || element.matches("input[type=file]");
}

function controls(root = scope()) {
  return [...root.querySelectorAll("[data-key], [data-key-action]")].filter(
    (element) => shown(element) && (root !== document || !element.closest("dialog, [popover]:not(:popover-open)")),
  );
}

function press(element) {
  if (element.matches("form")) element.requestSubmit();
  else if (element.matches("input[type=file]")) element.click();
  else if (element.matches("input:not([type=checkbox], [type=radio]), textarea, select")) {
    element.focus();
    element.select?.();
  } else if (element.matches("input")) {
    element.focus();
    element.click();
  } else {
    element.focus({ preventScroll: true });
    element.click();
  }
}

function onKey(event) {
  if (store.off && event.key !== "?") return;
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (event.target.closest?.(TYPING)) return;
  const stroke = pending ? `${pending} ${event.key}` : event.key;
  const known = controls();
  const exact = known.find((element) => keyOf(element) === stroke);
  clearTimeout(timer);
  pending = "";
  if (exact) {
    event.preventDefault();
    press(exact);
  } else if (!event.repeat && known.some((element) => keyOf(element).startsWith(`${stroke} `))) {
    event.preventDefault();
    pending = stroke;
    timer = setTimeout(() => (pending = ""), CHORD_MS);
  }
}

// The sheet lists what the page's controls declare, so it is never out of date.
function line(keys, label) {
  const term = document.createElement("dt");
  keys.split(" ").forEach((key) => {
    const cap = document.createElement("kbd");
    cap.textContent = key;
    term.append(cap, " ");
  });
  const text = document.createElement("dd");
  text.textContent = label;
  return [term, text];
}

function fillSheet() {
  const list = document.querySelector("[data-key-list]");
  if (!list) return;
  const seen = new Map();
  controls(document).forEach((element) => {
    const key = keyOf(element);
    if (!seen.has(key)) seen.set(key, element.dataset.keyLabel || element.textContent.trim().replace(/\s+/g, " ").slice(0, 60));
  });
  if (document.querySelector("[data-rows]")) {
    seen.set("j", "row below, also arrow down");
    seen.set("k", "row above, also arrow up");
    seen.set("o", "open the row, also Enter");
    if (document.querySelector("[data-rows] [data-row] input[type=checkbox]")) {
      seen.set("x", "select the row");
      seen.set("Shift j", "select downwards");
    }
  }
  seen.set("?", "this sheet");
  list.replaceChildren(...[...seen].flatMap(([key, label]) => line(key, label)));
}

document.addEventListener("keydown", onKey);
document.addEventListener("codetrail:dialog", (event) => event.detail === "keys" && fillSheet());
document.querySelectorAll("[data-keys-on]").forEach((box) => {
  box.checked = !store.off;
  box.addEventListener("change", () => {
    store.off = !box.checked;
    document.documentElement.toggleAttribute("data-keys-off", store.off);
  });
});
document.documentElement.toggleAttribute("data-keys-off", store.off);

// A refused control says why instead of acting; the submit with gaps goes to the first one.
document.addEventListener(
  "click",
  (event) => {
    const refused = event.target.closest("[aria-disabled=true]");
    if (!refused) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const said = refused.textContent.trim().replace(/\s+/g, " ");
    document.dispatchEvent(new CustomEvent("codetrail:announce", { detail: said }));
    if (refused.dataset.gaps === undefined) return;
    const form = refused.closest("form") || document;
    const gap = form.querySelector(".ct-ev.is-wrong, .ct-ev.is-gap");
    const field = gap?.querySelector("input:not([type=hidden]), select, textarea, button");
    gap?.scrollIntoView({ block: "center" });
    field?.focus({ preventScroll: true });
  },
  true,
);
