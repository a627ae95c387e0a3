// The sheet behind "?": lists what the page's controls declare, so it is never out of date; changes a key, switches all off.
// A changed key is one printable character and holds in this browser.

const { state, controls, keyOf, print, write } = window.codetrail.keys;
const list = document.querySelector("[data-key-list]");
const said = document.querySelector("[data-key-said]");

const ROWS = [
  ["j", "row below, also arrow down"],
  ["k", "row above, also arrow up"],
  ["o", "open the row, also Enter"],
];
const SELECT = [
  ["x", "select the row"],
  ["Shift j", "select downwards"],
];

function found() {
  const seen = new Map();
  if (document.querySelector("[data-rows]")) ROWS.forEach(([key, label]) => seen.set(key, label));
  if (document.querySelector("[data-row] input[type=checkbox]")) SELECT.forEach(([key, label]) => seen.set(key, label));
  const page = controls(document).map((element) => [keyOf(element), element.dataset.keyLabel || element.textContent.trim().replace(/\s+/g, " ")]);
  page.filter(([key]) => !key.includes(" ")).forEach(([key, label]) => seen.has(key) || seen.set(key, label.toLowerCase()));
  page.filter(([key]) => key.includes(" ")).forEach(([key, label]) => seen.has(key) || seen.set(key, label.toLowerCase()));
  return seen;
}

function line(key, label) {
  const row = document.createElement("div");
  const term = document.createElement("dt");
  const text = document.createElement("dd");
  (state.custom[key] ?? key).split(" ").forEach((part) => {
    const cap = document.createElement("kbd");
    cap.textContent = part;
    term.append(cap, " ");
  });
  text.textContent = label;
  row.append(term, text);
  if (key.length === 1 && key !== "?") {
    const change = document.createElement("button");
    change.type = "button";
    change.className = "ct-link";
    change.textContent = "change";
    change.setAttribute("aria-label", `change the key for ${label}`);
    change.addEventListener("click", () => listen(key, label, change));
    text.append(change);
  }
  return row;
}

const draw = () => list?.replaceChildren(...[...found()].map(([key, label]) => line(key, label)));

function tell(text) {
  said.textContent = text;
}

function store() {
  write("custom", state.custom);
  print();
  draw();
}

// The next key pressed becomes the key; Escape leaves it as it is.
function listen(key, label, button) {
  tell(`Press the new key for “${label}”. Esc leaves it.`);
  button.textContent = "press a key";
  const take = (event) => {
    if (event.key === "Shift") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    document.removeEventListener("keydown", take, true);
    const taken = [...found().keys()].find((other) => other !== key && (state.custom[other] ?? other).split(" ")[0] === event.key);
    if (event.key === "Escape") tell("Nothing changed.");
    else if (event.key.length !== 1 || " /?".includes(event.key)) tell("That key cannot be used: choose a letter, a digit or a sign.");
    else if (taken) tell(`“${event.key}” is taken on this page. Choose another.`);
    else {
      if (event.key === key) delete state.custom[key];
      else state.custom[key] = event.key;
      tell(`“${label}” is now ${event.key}.`);
      return store();
    }
    draw();
  };
  document.addEventListener("keydown", take, true);
}

document.addEventListener("codetrail:dialog", (event) => {
  if (event.detail !== "keys") return;
  tell("");
  draw();
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-keys-reset]")) return;
  state.custom = {};
  store();
  tell("All keys are as they came.");
});
document.querySelectorAll("[data-keys-on]").forEach((box) => {
  box.checked = !state.off;
  box.addEventListener("change", () => {
    state.off = !box.checked;
    write("off", state.off);
    print();
  });
});
