// What a browser would say in a bubble of its own is said in the page, in our words, under the field. Nothing to declare:
// required, min, max, pattern and type of the controls are read. The server checks all of it again.

// A limit as people write it: 2026-11-24 in the control's own words is 11/24/2026.
const shown = (field, limit) => (field.type === "date" ? limit.replace(/^(\d+)-(\d+)-(\d+)$/, "$2/$3/$1") : limit);

const WORDS = {
  valueMissing: (field) => (field.matches("select, [type=radio], [type=checkbox]") ? "Choose one." : field.type === "file" ? "Choose a file." : "This is needed."),
  badInput: () => "This cannot be read.",
  typeMismatch: () => "This does not have the right form.",
  patternMismatch: (field) => field.title || "This does not have the right form.",
  tooLong: (field) => `At most ${field.maxLength} signs.`,
  tooShort: (field) => `At least ${field.minLength} signs.`,
  rangeUnderflow: (field) => `${shown(field, field.min)} or later.`,
  rangeOverflow: (field) => `${shown(field, field.max)} or earlier.`,
  stepMismatch: () => "This value is between two allowed ones.",
};

function words(field) {
  if (field.validity.customError) return field.validationMessage;
  const fault = Object.keys(WORDS).find((name) => field.validity[name]);
  if (field.type === "number" && fault === "rangeUnderflow") return `At least ${field.min}.`;
  if (field.type === "number" && fault === "rangeOverflow") return `At most ${field.max}.`;
  return fault ? WORDS[fault](field) : field.validationMessage;
}

const noteOf = (field) => document.getElementById(`${field.dataset.fault}`);

function clear(field) {
  noteOf(field)?.remove();
  const others = (field.getAttribute("aria-describedby") || "").split(" ").filter((id) => id && id !== field.dataset.fault);
  if (others.length) field.setAttribute("aria-describedby", others.join(" "));
  else field.removeAttribute("aria-describedby");
  field.removeAttribute("aria-invalid");
  delete field.dataset.fault;
}

let count = 0;

function say(field) {
  if (field.dataset.fault) clear(field);
  const note = document.createElement("p");
  note.className = "ct-fault";
  note.id = field.dataset.fault = `fault-${(count += 1)}`;
  note.textContent = words(field);
  (field.closest(".ct-drop, .ct-opts, .ct-affix, .ct-pair") || field).insertAdjacentElement("afterend", note);
  field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") || ""} ${note.id}`.trim());
  field.setAttribute("aria-invalid", "true");
}

document.addEventListener(
  "invalid",
  (event) => {
    event.preventDefault();
    const field = event.target;
    const group = field.type === "radio" ? [...field.form.querySelectorAll(`[name="${CSS.escape(field.name)}"]`)] : [field];
    if (group[0] === field) say(field);
    if (field.form?.querySelector(":invalid:not(fieldset)") === field) field.focus();
  },
  true,
);
for (const name of ["input", "change"]) {
  document.addEventListener(name, (event) => {
    const fields = event.target.form ? [...event.target.form.querySelectorAll("[data-fault]")] : [];
    fields.filter((field) => field === event.target || field.name === event.target.name).forEach(clear);
  });
}
