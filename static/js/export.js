// Tick or clear every field of the export; show only those of the chosen resource.
const all = document.querySelector("[data-choose-all]");
const rows = [...document.querySelectorAll("[data-resource]")];
const resource = document.querySelector("#id_resource");

all?.addEventListener("change", () => {
  for (const row of rows) row.querySelector('input[type="checkbox"]').checked = all.checked;
});

function show() {
  for (const row of rows) row.hidden = row.dataset.resource !== resource.value;
}

if (resource?.tagName === "SELECT") {
  resource.addEventListener("change", show);
  show();
}
