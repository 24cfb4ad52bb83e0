// Whatever is typed into an answer box is kept in this browser until it has been sent.
const PREFIX = "desk.draft.";
const KEPT_FOR = 3 * 24 * 60 * 60 * 1000;

const receiptOf = (field) => field.closest("[data-receipt]")?.dataset.receipt;
const keyOf = (field) => `${PREFIX}${receiptOf(field)}.${field.dataset.draft}`;

function keep(field) {
  const state = field.closest("form").querySelector("[data-draft-state]");
  if (!field.value) {
    localStorage.removeItem(keyOf(field));
  } else {
    localStorage.setItem(keyOf(field), JSON.stringify({ text: field.value, at: Date.now() }));
  }
  if (state) state.textContent = field.value ? state.dataset.kept : "";
}

export function watchDrafts() {
  document.addEventListener("input", (event) => {
    if (event.target.dataset.draft && receiptOf(event.target)) keep(event.target);
  });
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(PREFIX)) {
      const draft = JSON.parse(localStorage.getItem(key));
      if (Date.now() - draft.at > KEPT_FOR) localStorage.removeItem(key);
    }
  }
}

export function restoreDrafts(within) {
  for (const field of within.querySelectorAll("[data-draft]")) {
    const kept = localStorage.getItem(keyOf(field));
    if (kept && !field.value) {
      field.value = JSON.parse(kept).text;
      keep(field);
    }
  }
}

export function dropDraft(sent) {
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(`${PREFIX}${sent}`)) localStorage.removeItem(key);
  }
}
