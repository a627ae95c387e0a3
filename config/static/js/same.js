// The same choices for every part. [data-same="7"] copies what is chosen in decision.7, root_cause.7 … to the other parts of its form, as a proposal:
// the person looks, may put it back, and saves. [data-same-said] beside it says what was done.

const before = new WeakMap();

const choices = (form) => [...form.querySelectorAll("input[type=radio], select")].filter((field) => field.name.includes("."));
const split = (name) => [name.slice(0, name.indexOf(".")), name.slice(name.indexOf(".") + 1)];

function chosen(form) {
  const found = new Map();
  choices(form).forEach((field) => {
    if (field.type !== "radio") found.set(field.name, field.value);
    else if (field.checked || !found.has(field.name)) found.set(field.name, field.checked ? field.value : "");
  });
  return found;
}

function put(form, wanted) {
  choices(form).forEach((field) => {
    const value = wanted.get(field.name);
    if (value === undefined) return;
    if (field.type === "radio") field.checked = field.value === value;
    else field.value = value;
  });
  form.dispatchEvent(new Event("change", { bubbles: true })); // drafts.js keeps it
}

function say(place, words, back = false) {
  place.textContent = words;
  place.closest(".ct-same").scrollIntoView({ block: "nearest" });
  if (!back) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "ct-link";
  button.dataset.sameBack = "";
  button.textContent = "Put back";
  place.append(" ", button);
}

function copy(button) {
  const { form } = button;
  const place = button.parentElement.querySelector("[data-same-said]");
  const now = chosen(form);
  const wanted = new Map();
  now.forEach((_value, name) => {
    const [base, part] = split(name);
    const first = now.get(`${base}.${button.dataset.same}`);
    if (part !== button.dataset.same && first && first !== now.get(name)) wanted.set(name, first);
  });
  if (![...now].some(([name, value]) => value && split(name)[1] === button.dataset.same)) return say(place, "Choose here first.");
  if (!wanted.size) return say(place, "They are the same.");
  before.set(form, new Map([...wanted.keys()].map((name) => [name, now.get(name)])));
  put(form, wanted);
  say(place, "Copied. Look at each before you submit.", true);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-same]");
  if (button) return copy(button);
  const back = event.target.closest("[data-same-back]");
  if (!back) return;
  const form = back.closest("form");
  put(form, before.get(form));
  say(back.closest("[data-same-said]"), "Put back as it was.");
  form.querySelector("[data-same]").focus();
});
