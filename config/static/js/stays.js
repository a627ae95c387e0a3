// A list that is drawn anew in place, from within [data-stays] (beside hx-target="#main"): what was open, scrolled, selected and in focus is as before.
//   a link: the address follows without a step back, its menu stays open, the focus stays on the link with the same data-stay, else on the menu
//   a form: its acts go without leaving the page (a button with data-unasked leads on as ever); the focus stays on the row

const focused = () => document.querySelector("[data-rows] [data-row].is-focus");
const rows = () => [...document.querySelectorAll("[data-rows] [data-row]")];
const itemOf = (row) => row?.querySelector("a.id")?.getAttribute("href");
const checks = (row) => [...row.querySelectorAll("input[type=checkbox][name]")];

let was = null;

function note(asker, address) {
  const menu = asker.closest("details[data-pick]");
  const selected = rows().filter((row) => checks(row).some((check) => check.checked));
  const row = focused() || (asker.matches("form") ? selected[0] : undefined);
  was = {
    address: asker.matches("a") ? address : "",
    menu: menu?.id,
    menuTop: menu?.querySelector("ul").scrollTop,
    stay: asker.dataset.stay,
    selected: asker.matches("a") ? new Set(selected.map(itemOf)) : new Set(),
    item: itemOf(row),
    at: rows().indexOf(row),
    left: document.querySelector(".ct-tablewrap")?.scrollLeft,
    top: window.scrollY,
  };
}

function restore() {
  const then = was;
  was = null;
  if (then.address) history.replaceState(null, "", then.address);
  const wrap = document.querySelector(".ct-tablewrap");
  if (wrap) wrap.scrollLeft = then.left;
  window.scrollTo(0, then.top);
  rows().forEach((row) => then.selected.has(itemOf(row)) && checks(row).forEach((check) => (check.checked = true)));
  const row = then.item && (rows().find((one) => itemOf(one) === then.item) || rows()[Math.min(then.at, rows().length - 1)]);
  if (row) window.codetrail.markRow(row, !then.menu);
  if (!then.menu) return;
  const menu = document.getElementById(then.menu);
  menu.open = true;
  menu.querySelector("ul").scrollTop = then.menuTop;
  const links = [...menu.querySelectorAll("[data-stay]")].filter((link) => link.dataset.stay === then.stay);
  (links.find((link) => link.checkVisibility()) || menu.querySelector("summary")).focus({ preventScroll: true });
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { requestConfig, shouldSwap, target, xhr } = event.detail;
  if (shouldSwap && target.id === "main" && requestConfig.elt.closest("[data-stays]")) note(requestConfig.elt, xhr.responseURL);
});
document.addEventListener("htmx:afterSwap", () => was && restore());

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || form.dataset.stays === undefined || submitter?.hasAttribute("data-unasked")) return;
  event.preventDefault();
  window.htmx.ajax("POST", form.getAttribute("action"), { source: form, values: submitter?.name ? { [submitter.name]: submitter.value } : {} });
});
