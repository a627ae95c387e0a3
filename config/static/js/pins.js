// Pinned columns (th.ct-pin, in order): how far from the left each stays while the table scrolls sideways. As many stay as leave half of
// what is seen of the table free; the others stand first and scroll along, and the menu says so ([data-pin-place]). The style sheet reads the
// places from the table.

const MOST = 4;

function place(wrap) {
  const table = wrap.querySelector("table");
  const pins = [...table.querySelectorAll("thead th.ct-pin")];
  if (!pins.length || !table.isConnected) return;
  let left = table.querySelector("thead th.sel")?.offsetWidth || 0;
  let held = 0;
  for (let one = 1; one <= MOST; one += 1) table.style.removeProperty(`--ct-pin-${one}`);
  for (const head of pins) {
    if (left + head.offsetWidth > wrap.clientWidth / 2) break;
    held += 1;
    table.style.setProperty(`--ct-pin-${held}`, `${left}px`);
    left += head.offsetWidth;
  }
  wrap.style.setProperty("--ct-pins", held ? `${left}px` : "0");
  if (held) table.dataset.pinned = held;
  else delete table.dataset.pinned;
  document.querySelectorAll("[data-pin-place]").forEach((words) => (words.hidden = words.dataset.pinPlace <= held));
}

const watch = new ResizeObserver((seen) => new Set(seen.map((one) => one.target.closest(".ct-tablewrap"))).forEach(place));

function prepare() {
  document.querySelectorAll(".ct-tablewrap:has(th.ct-pin)").forEach((wrap) => {
    watch.observe(wrap);
    watch.observe(wrap.querySelector("table"));
  });
}
prepare();
document.addEventListener("htmx:afterSettle", prepare);
