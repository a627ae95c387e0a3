// Lists. <table data-rows> (or any container) with rows marked data-row:
//   j, k, arrows move · o or Enter opens the row's link (data-row-link, else a.id) · x selects · Shift j, Shift k extend · Esc clears
// The line below ([data-peek-line]) shows the focused row's <template data-peek>. [data-bulk] shows count and dollars of what is selected.

const KEYS_OFF = () => document.documentElement.hasAttribute("data-keys-off");
const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable=true]";

const rowsOf = (box) => [...box.querySelectorAll("[data-row]")].filter((row) => row.checkVisibility());
const boxOf = (row) => row?.querySelector("input[type=checkbox][name]");
const current = (box) => box.querySelector("[data-row].is-focus");

function mark(box, row) {
  box.querySelectorAll("[data-row]").forEach((other) => {
    other.classList.toggle("is-focus", other === row);
    other.tabIndex = other === row ? 0 : -1;
  });
  peek(box, row);
}

function focusRow(box, row) {
  if (!row) return;
  mark(box, row);
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function peek(box, row) {
  const line = (box.closest("[data-rows-frame]") || box.closest(".ct-tablewrap"))?.querySelector("[data-peek-line]");
  const source = row.querySelector("template[data-peek]");
  if (line && source) line.replaceChildren(source.content.cloneNode(true));
  measure();
}

// How high the line and the bar are, which stay in sight below the rows: the style sheet keeps the row in focus above them.
function measure() {
  const height = (selector) => document.querySelector(selector)?.offsetHeight || 0;
  const peek = height("[data-rows-frame] [data-peek-line]");
  const bar = height("[data-rows-frame] ~ [data-bulk]");
  const { style } = document.documentElement;
  style.setProperty("--ct-peek", `${peek}px`);
  style.setProperty("--ct-below", `${peek + (bar && bar + 12)}px`);
}

function select(row, on) {
  const check = boxOf(row);
  if (!check || check.disabled) return;
  check.checked = on ?? !check.checked;
  check.dispatchEvent(new Event("change", { bubbles: true }));
}

function move(box, step, extend) {
  const rows = rowsOf(box);
  const at = rows.indexOf(current(box));
  const next = rows[at < 0 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1)];
  if (extend && at >= 0) {
    select(rows[at], true);
    select(next, true);
  }
  focusRow(box, next);
}

function open(box) {
  current(box)?.querySelector("[data-row-link], a.id")?.click();
}

function activeBox(target) {
  return target.closest?.("[data-rows]") || document.querySelector("[data-rows]:has(.is-focus)") || document.querySelector("[data-rows]");
}

function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.closest?.(TYPING) || document.querySelector("dialog[open]:modal")) return;
  const onRow = event.target.matches?.("[data-row]");
  if (KEYS_OFF() && !onRow) return;
  const box = activeBox(event.target);
  if (!box) return;
  const arrows = onRow || event.target.matches?.("[data-rows], .ct-tablewrap");
  const key = window.codetrail?.key || ((declared) => declared); // the person may have changed it
  const acts = {
    [key("j")]: () => move(box, 1),
    [key("k")]: () => move(box, -1),
    [key("j").toUpperCase()]: () => move(box, 1, true),
    [key("k").toUpperCase()]: () => move(box, -1, true),
    [key("o")]: () => open(box),
    [key("x")]: () => select(current(box)),
    ...(arrows && { ArrowDown: () => move(box, 1, event.shiftKey), ArrowUp: () => move(box, -1, event.shiftKey) }),
    ...(onRow && { Enter: () => open(box) }),
    Escape: () => clear(),
  };
  if (!(event.key in acts) || document.querySelector(`[data-key="${CSS.escape(event.key)}"]:not(dialog *)`)) return;
  if (event.key !== "Escape") event.preventDefault();
  acts[event.key]();
}

// Selection and its bar.
const checks = () => [...document.querySelectorAll("[data-row] input[type=checkbox][name]")];

function clear() {
  checks().forEach((check) => (check.checked = false));
  redraw();
}

// A button of the bar that fits none of the selected rows says so instead of leading on. data-fits: the states it is for,
// such as open, or open:7 for what is open and assigned to person 7.
function offer(button, states) {
  const fits = states === null || button.dataset.fits.split(" ").some((state) => states.has(state));
  button.querySelector("[data-why]")?.remove();
  if (fits) return button.removeAttribute("aria-disabled");
  const why = document.createElement("span");
  why.dataset.why = "";
  why.textContent = `(${button.dataset.fitsWhy})`;
  button.setAttribute("aria-disabled", "true");
  (button.querySelector("kbd") || button.lastChild).before(why);
}

function redraw() {
  let sum = 0;
  let count = 0;
  const states = new Set();
  checks().forEach((check) => {
    const row = check.closest("[data-row]");
    row.classList.toggle("is-selected", check.checked);
    if (!check.checked) return;
    count += 1;
    sum += Math.round(Number(row.dataset.amount || 0) * 100);
    const state = row.querySelector("[data-state]")?.dataset.state;
    states.add(state).add(`${state}:${row.dataset.holder}`);
  });
  document.querySelectorAll("[data-select-all]").forEach((all) => {
    all.checked = count > 0 && count === checks().length;
    all.indeterminate = count > 0 && !all.checked;
  });
  document.querySelectorAll("[data-bulk]").forEach((bar) => {
    const all = bar.querySelector("[name=matching]:checked");
    bar.hidden = count === 0;
    bar.querySelectorAll("[data-bulk-count]").forEach((place) => (place.textContent = all ? "All that match" : count));
    bar.querySelectorAll("[data-bulk-amount]").forEach((place) => {
      place.hidden = Boolean(all);
      place.textContent = (sum / 100).toLocaleString("en-US", { style: "currency", currency: "USD" });
    });
    bar.querySelectorAll("[data-fits]").forEach((button) => offer(button, all || count === 0 ? null : states));
  });
  measure();
}

document.addEventListener("keydown", onKey);
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-select-all]")) checks().forEach((check) => (check.checked = event.target.checked));
  if (event.target.matches("[data-select-all], [data-row] input[type=checkbox], [data-bulk] [name=matching]")) redraw();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-bulk-clear]")) return clear();
  const row = event.target.closest("[data-row]");
  if (row && !event.target.closest("a, button, input, label, select, summary")) focusRow(row.closest("[data-rows]"), row);
});
document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.("[data-row]");
  const box = row?.closest("[data-rows]");
  if (!box || row === current(box)) return;
  box.querySelectorAll("[data-row]").forEach((other) => other.classList.toggle("is-focus", other === row));
  peek(box, row);
});

function prepare(root = document) {
  root.querySelectorAll("[data-rows]").forEach((box) => {
    rowsOf(box).forEach((row, place) => {
      if (!row.hasAttribute("tabindex")) row.tabIndex = place === 0 ? 0 : -1;
    });
  });
  redraw();
}
prepare();
document.addEventListener("htmx:afterSettle", () => prepare());
window.addEventListener("resize", measure);
window.codetrail = { ...window.codetrail, markRow: (row, focus) => (focus ? focusRow : mark)(row.closest("[data-rows]"), row) };
