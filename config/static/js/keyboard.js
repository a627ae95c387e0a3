// Keys. A control says which key presses it: data-key="n", data-key="g m"; data-key-label names it in the sheet.
//   a button or link is clicked · a field is focused · a form is submitted (data-key-action is the same, for forms)
// Never while typing, never with Ctrl, Alt or Meta, never behind an open dialog, never while a key is held down: what it did may have led to
// another item. data-key-wait: not in the first moment of a page either, so that a second stroke decides nothing that nobody has seen. A person may change a key or switch all off (keysheet.js);
// window.codetrail.key("n") is the key now in force for "n". Keys of rows (j, k, o, x) are in rows.js.

const CHORD_MS = 1500;
const LOOK_MS = 800;
const drawn = performance.now();
const TYPING = "input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=file]), textarea, select, [contenteditable=true]";

let pending = "";
let timer = 0;

function read(name, fallback) {
  try {
    return JSON.parse(localStorage.getItem(`codetrail.keys.${name}`)) ?? fallback;
  } catch {
    return fallback; // storage can be forbidden by the site
  }
}

function write(name, value) {
  try {
    localStorage.setItem(`codetrail.keys.${name}`, JSON.stringify(value));
  } catch {
    /* it then holds for this page only */
  }
}

const state = { off: read("off", false), custom: read("custom", {}) };

const keyOf = (element) => element.dataset.key || element.dataset.keyAction;
const inForce = (declared) => state.custom[declared] ?? declared;
const scope = () => document.querySelector("dialog[open]:modal") || document;

function shown(element) {
  if (element.matches("form, input[type=file]")) return true; // they may be hidden: they stand for their key
  return element.checkVisibility({ visibilityProperty: true });
}

function controls(root = scope()) {
  return [...root.querySelectorAll("[data-key], [data-key-action]")].filter(
    (element) => shown(element) && (root !== document || !element.closest("dialog, [popover]:not(:popover-open)")),
  );
}

function press(element) {
  if (element.matches("form")) return element.requestSubmit();
  if (element.matches("input[type=file]")) return element.click();
  element.focus({ preventScroll: element.matches("a, button") });
  if (element.matches("textarea, select, input:not([type=checkbox], [type=radio])")) element.select?.();
  else element.click();
}

function isTooSoon(element) {
  return element.dataset.keyWait !== undefined && performance.now() - drawn < LOOK_MS;
}

// Esc leaves a field that words are typed into, so that the next key is a key again; a dialog or a list closes first.
function leaves(event) {
  const field = event.key === "Escape" && !event.isComposing && event.target.closest?.("textarea, input");
  if (!field || !field.matches(TYPING) || field.closest("dialog, [popover], details[data-pick]")) return false;
  field.blur();
  return true;
}

function onKey(event) {
  if (!event.defaultPrevented && leaves(event)) return;
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (event.repeat || event.target.closest?.(TYPING) || (state.off && event.key !== "?")) return;
  const stroke = pending ? `${pending} ${event.key}` : event.key;
  const known = controls();
  const exact = known.find((element) => inForce(keyOf(element)) === stroke);
  clearTimeout(timer);
  pending = "";
  if (exact) {
    event.preventDefault();
    if (isTooSoon(exact)) {
      document.dispatchEvent(new CustomEvent("codetrail:toast", { detail: { text: "The page has just changed. Look, then press once more." } }));
      return;
    }
    press(exact);
  } else if (known.some((element) => inForce(keyOf(element)).startsWith(`${stroke} `))) {
    event.preventDefault();
    pending = stroke;
    timer = setTimeout(() => (pending = ""), CHORD_MS);
  }
}

// What is printed on controls and in the foot is the key in force.
function print(root = document) {
  document.documentElement.toggleAttribute("data-keys-off", state.off);
  root.querySelectorAll("[data-key] kbd, [data-keyhint] kbd").forEach((cap) => {
    cap.dataset.cap ??= cap.textContent;
    cap.textContent = inForce(cap.dataset.cap);
  });
}

document.addEventListener("keydown", onKey);
document.addEventListener("htmx:afterSettle", (event) => print(event.detail.elt));
window.codetrail = { ...window.codetrail, key: inForce, keys: { state, controls, keyOf, print, write } };
print();

// What was just answered is no gap any more, also before the server has said so.
function isAnswered(frame) {
  const radios = frame.querySelectorAll("input[type=radio]");
  if (radios.length) return [...radios].some((one) => one.checked);
  const boxes = [...frame.querySelectorAll("input[type=checkbox]")];
  const texts = [...frame.querySelectorAll("input:not([type=hidden]):not([type=checkbox]), select, textarea")];
  return boxes.some((one) => one.checked) || (texts.length > 0 && texts.every((one) => one.value.trim()));
}

// A refused control says why instead of acting; the submit with gaps goes to the first one.
document.addEventListener(
  "click",
  (event) => {
    const refused = event.target.closest("[aria-disabled=true]");
    if (!refused) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    document.dispatchEvent(new CustomEvent("codetrail:announce", { detail: refused.textContent.trim().replace(/\s+/g, " ") }));
    if (refused.dataset.gaps === undefined) return;
    const gaps = [...(refused.closest("form") || document).querySelectorAll(".ct-ev.is-wrong, .ct-ev.is-gap")];
    const gap = gaps.find((one) => one.matches(".is-wrong") || !isAnswered(one)) || gaps[0];
    gap?.scrollIntoView({ block: "center" });
    // Never onto another choice than the one that is made: a space would change it.
    const control = gap?.querySelector("input[type=radio]:checked") || gap?.querySelector("input:not([type=hidden]), select, textarea, button");
    control?.focus({ preventScroll: true });
  },
  true,
);
