// The page of a document: [data-zoom-step] makes the picture in .sheet wider, in three steps, then fits it again. The step stays from page to page.
// A page that is put in place is brought into view, and its frame takes the focus, so that the arrow keys scroll it.

let zoom = 1;

const sheet = () => document.querySelector(".ct-viewer .sheet");

function show() {
  const place = sheet();
  if (!place) return;
  if (zoom > 1) place.dataset.zoom = zoom;
  else delete place.dataset.zoom;
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-zoom-step]")) return;
  zoom = (zoom % 3) + 1;
  show();
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.elt.id !== "viewer") return;
  show();
  document.getElementById("viewer").scrollIntoView({ block: "nearest" });
  sheet()?.focus({ preventScroll: true });
});
