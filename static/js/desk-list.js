// The list of complaints: how many are ticked, and which fields a step needs; the board's pulse.
const form = document.querySelector("[data-bulk]");

function boxes() {
  return [...form.querySelectorAll('input[name="number"]')];
}

function count() {
  form.querySelector("[data-ticked]").textContent = boxes().filter((box) => box.checked).length;
}

function showFields() {
  const kind = form.querySelector("[data-kind]").value;
  for (const field of form.querySelectorAll("[data-for]")) {
    field.hidden = !field.dataset.for.split(" ").includes(kind);
  }
}

if (form) {
  let last = null;
  form.addEventListener("click", (event) => {
    const box = event.target.closest('input[name="number"]');
    if (!box) return;
    const all = boxes();
    if (event.shiftKey && last) {
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      for (const one of all.slice(from, to + 1)) one.checked = box.checked;
    }
    last = box;
    count();
  });
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-tick-all]")) {
      for (const box of boxes()) box.checked = event.target.checked;
    }
    if (event.target.matches("[data-tick-all], input[name='number']")) {
      form.querySelector('[name="scope"][value="ticked"]').checked = true;
    }
    showFields();
    count();
  });
  showFields();
  count();
}

// The board refreshes while somebody looks at it and is not choosing anything.
const IDLE_AFTER = 15 * 60 * 1000;
let lastTouched = Date.now();
for (const name of ["pointermove", "keydown"]) {
  document.addEventListener(name, () => { lastTouched = Date.now(); }, { passive: true });
}
setInterval(() => {
  const board = document.getElementById("board");
  const busy = board?.querySelector("select:focus, button:focus") || document.querySelector("dialog[open]");
  const chosen = [...(board?.querySelectorAll("select") ?? [])].some((select) => select.value);
  if (board && !busy && !chosen && !document.hidden && Date.now() - lastTouched < IDLE_AFTER) {
    window.htmx.trigger(document.body, "board-pulse");
  }
}, 20000);
