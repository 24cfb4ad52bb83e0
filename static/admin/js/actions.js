// Takes the place of Django's own: the bar of bulk actions appears with the selection.
"use strict";
{
  const start = () => {
    const boxes = [...document.querySelectorAll("tr input.action-select")];
    const bar = document.getElementById("bulk-bar");
    const all = document.getElementById("action-toggle");
    if (!boxes.length || !bar || !all) return;
    const counter = bar.querySelector("[data-counter]");
    let last = null;

    const show = () => {
      const chosen = boxes.filter((box) => box.checked).length;
      bar.hidden = chosen === 0;
      counter.textContent = counter.dataset.counter.replace("{count}", chosen);
      document.body.dataset.selected = chosen;
      all.checked = chosen === boxes.length;
      all.indeterminate = chosen > 0 && !all.checked;
      for (const box of boxes) box.closest("tr").classList.toggle("selected", box.checked);
    };

    all.addEventListener("click", () => {
      for (const box of boxes) box.checked = all.checked;
      show();
    });

    boxes.forEach((box, place) => {
      box.addEventListener("click", (event) => {
        if (event.shiftKey && last !== null) {
          const [from, to] = [Math.min(last, place), Math.max(last, place)];
          for (const each of boxes.slice(from, to + 1)) each.checked = box.checked;
        }
        last = place;
        show();
      });
    });

    bar.querySelector("[data-clear]").addEventListener("click", () => {
      for (const box of boxes) box.checked = false;
      show();
    });
    window.addEventListener("pageshow", show);
    show();
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
}
