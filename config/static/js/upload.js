// Uploads. <form data-upload hx-encoding="multipart/form-data">: size checked before sending (data-max-bytes), dropped files taken,
// progress shown in a native <progress>. Without script the form posts as any other.

const size = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} KB` : `${(bytes / 1e6).toFixed(1)} MB`);

function chosen(form) {
  const input = form.querySelector("input[type=file]");
  const limit = Number(form.dataset.maxBytes || 0);
  const files = [...input.files];
  const big = limit && files.find((file) => file.size > limit);
  input.setCustomValidity(big ? `${big.name} has ${size(big.size)}; the limit is ${size(limit)}.` : "");
  const line = form.querySelector("[data-upload-chosen]");
  if (line) line.textContent = big ? input.validationMessage : files.map((file) => `${file.name}, ${size(file.size)}`).join(" · ");
  line?.classList.toggle("ct-over", Boolean(big));
}

document.addEventListener("change", (event) => {
  const form = event.target.matches("input[type=file]") && event.target.closest("[data-upload]");
  if (form) chosen(form);
});
for (const [name, on] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
  document.addEventListener(name, (event) => {
    const zone = event.target.closest?.("[data-drop]");
    zone?.classList.toggle("is-over", on);
  });
}

function bar(form, show) {
  const frame = form.querySelector("[data-upload-bar]");
  if (frame) frame.hidden = !show;
  return frame;
}

document.addEventListener("htmx:beforeRequest", (event) => event.detail.elt.matches("[data-upload]") && bar(event.detail.elt, true));
document.addEventListener("htmx:xhr:progress", (event) => {
  const form = event.target.closest("[data-upload]");
  if (!form || !event.detail.lengthComputable) return;
  const frame = bar(form, true);
  const share = Math.round((event.detail.loaded / event.detail.total) * 100);
  frame.querySelector("progress").value = share;
  frame.querySelector("[data-upload-text]").textContent = share < 100 ? `${share}% sent` : "Sent, being read";
});
document.addEventListener("htmx:afterRequest", (event) => event.detail.elt.matches("[data-upload]") && bar(event.detail.elt, false));
