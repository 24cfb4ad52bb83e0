// One watch on the bench: the grade follows the findings, and the keyboard is enough.
const form = document.getElementById("inspect-form");
const found = document.getElementById("grade-found");
const checks = [...form.querySelectorAll(".check")];
const photos = document.getElementById("photos");
const previews = document.getElementById("previews");

function verdictOf(check) {
  return check.querySelector("input:checked")?.value;
}

function showGrade() {
  if (!found) return;
  const failed = checks.filter((check) => verdictOf(check) === "fault");
  const worst = failed.map((check) => check.dataset.best).sort().pop() || "A";
  found.textContent = checks.every(verdictOf) ? worst : `${worst} …`;
}

function answer(check, verdict) {
  check.querySelector(`input[value=${verdict}]`).checked = true;
}

function allFine() {
  for (const check of checks) if (!verdictOf(check)) answer(check, "fine");
  showGrade();
  document.getElementById("id_to")?.focus();
}

function moveFrom(check) {
  const next = checks[checks.indexOf(check) + 1];
  const target = next?.querySelector("input:checked") || next?.querySelector("input");
  (target || document.getElementById("id_note"))?.focus();
}

// 1, 2 and 3 answer the question that has the focus and go on to the next.
const KEYS = { 1: "fine", 2: "fault", 3: "skipped" };

form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
    return;
  }
  const check = event.target.closest?.(".check");
  if (!check || !(event.key in KEYS)) return;
  event.preventDefault();
  answer(check, KEYS[event.key]);
  showGrade();
  moveFrom(check);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "F2" || !checks.length) return;
  event.preventDefault();
  allFine();
});

form.querySelector("[data-all-fine]")?.addEventListener("click", allFine);
form.addEventListener("change", showGrade);

photos?.addEventListener("change", () => {
  previews.replaceChildren(
    ...[...photos.files].map((file) => {
      const item = document.createElement("li");
      const picture = document.createElement("img");
      picture.alt = file.name;
      const reader = new FileReader();
      reader.addEventListener("load", () => { picture.src = reader.result; });
      reader.readAsDataURL(file);
      item.append(picture);
      return item;
    }),
  );
});

// A second click while photographs travel would ask twice.
form.addEventListener("submit", () => {
  form.querySelector("button[type=submit]").disabled = true;
});

showGrade();
checks[0]?.querySelector("input")?.focus();
