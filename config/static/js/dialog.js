// <dialog>: opened by data-dialog-open="<id>", by data-dialog-now when it comes with the page or a swap, closed by data-dialog-close,
// Esc, or a click on what lies behind. One at a time. data-confirm on a form asks before it is sent.

let opener = null;

function open(dialog) {
  if (!dialog || dialog.open) return;
  document.querySelectorAll("dialog[open]").forEach((other) => other.close());
  document.querySelectorAll("[popover]:popover-open").forEach((menu) => menu.hidePopover());
  document.dispatchEvent(new CustomEvent("codetrail:dialog", { detail: dialog.id }));
  dialog.showModal();
  // The first thing to fill in, never the body that scrolls around it.
  const first = dialog.querySelector("[autofocus]") || dialog.querySelector(":is(.body, section) :is(input:not([type=hidden]), select, textarea, button, a[href])");
  first?.focus();
}

// data-set-field="x" on the opener fills <input name="field"> of the dialog, and [data-show="field"] as words.
function fill(dialog, data) {
  Object.entries(data).forEach(([key, value]) => {
    if (!key.startsWith("set")) return;
    const name = key.slice(3).toLowerCase();
    dialog.querySelectorAll(`input[name="${name}"]`).forEach((input) => (input.value = value));
    dialog.querySelectorAll(`[data-show="${name}"]`).forEach((place) => (place.textContent = value));
  });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-dialog-open]");
  if (button && button.getAttribute("aria-disabled") !== "true") {
    const dialog = document.getElementById(button.dataset.dialogOpen);
    if (!dialog) return;
    event.preventDefault();
    opener = button;
    fill(dialog, button.dataset);
    open(dialog);
  } else if (event.target.closest("[data-dialog-close]")) {
    event.target.closest("dialog")?.close();
  } else if (event.target.matches("dialog[open]") && event.target.id !== "idle") {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside && event.clientX) event.target.close();
  }
});
document.addEventListener(
  "close",
  (event) => {
    if (!event.target.matches("dialog")) return;
    if (opener?.isConnected) opener.focus();
    opener = null;
  },
  true,
);
// An answer that replaced the dialog and its opener with new ones: the focus goes on at the new opener.
document.addEventListener("htmx:afterSettle", () => {
  if (!opener || opener.isConnected || document.activeElement !== document.body) return;
  const { dialogOpen } = opener.dataset;
  opener = null;
  if (dialogOpen) document.querySelector(`main [data-dialog-open="${CSS.escape(dialogOpen)}"]`)?.focus();
});

// Ask first. The sentence says what will happen; the button repeats the act.
let asked = null;

// What a button says, without its key.
const words = (button) =>
  [...(button?.childNodes || [])]
    .filter((node) => node.nodeName !== "KBD")
    .map((node) => node.textContent.trim())
    .filter(Boolean)
    .join(" ");

function ask(form, submitter) {
  const dialog = document.createElement("dialog");
  dialog.className = "ct-dialog narrow";
  dialog.setAttribute("aria-label", form.dataset.confirm);
  const part = (tag, css, ...inside) => {
    const element = document.createElement(tag);
    element.className = css;
    element.append(...inside);
    return element;
  };
  const no = part("button", "btn", "Cancel");
  const yes = part("button", "btn btn-primary", words(submitter) || "Go on");
  no.type = yes.type = "button";
  dialog.append(part("div", "hd", part("p", "ct-h2", form.dataset.confirm)), part("div", "ft", part("span", "end", no, yes)));
  no.addEventListener("click", () => dialog.close());
  yes.addEventListener("click", () => {
    asked = form;
    dialog.close();
    form.requestSubmit(submitter);
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  opener = submitter;
  open(dialog);
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    // A button that only leads on (data-unasked) does nothing yet.
    if (!form.dataset.confirm || event.submitter?.hasAttribute("data-unasked")) return;
    if (asked === form) {
      asked = null;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(form, event.submitter);
  },
  true,
);

const now = (root) => root.querySelectorAll?.("dialog[data-dialog-now]").forEach(open);
now(document);
document.addEventListener("htmx:afterSettle", (event) => {
  now(event.detail.elt);
  if (event.detail.elt.matches?.("dialog[data-dialog-now]")) open(event.detail.elt);
});
document.addEventListener("codetrail:open", (event) => open(document.getElementById(event.detail)));

// A list that opens from a chip closes when another thing is used.
document.addEventListener("click", (event) => {
  document.querySelectorAll("details[data-pick][open]").forEach((pick) => !pick.contains(event.target) && (pick.open = false));
});
document.addEventListener("keydown", (event) => {
  const pick = event.key === "Escape" && event.target.closest?.("details[data-pick][open]");
  if (!pick) return;
  pick.open = false;
  pick.querySelector("summary").focus();
});
