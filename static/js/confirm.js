// A button or form with data-confirm asks first, with the consequence in words.
const dialog = document.getElementById("confirm-dialog");
const yes = dialog.querySelector("[data-confirm-yes]");
let waiting = null;

function ask(form, submitter, asked) {
  const label = (submitter || form).dataset.confirmTitle || submitter?.textContent.trim() || "";
  const isDanger = Boolean(submitter?.classList.contains("danger"));
  dialog.querySelector("[data-confirm-title]").textContent = label;
  dialog.querySelector("[data-confirm-text]").textContent = asked;
  yes.textContent = label;
  yes.className = isDanger ? "button danger filled" : "button primary";
  waiting = { form, submitter };
  dialog.showModal();
}

document.addEventListener("submit", (event) => {
  const { submitter, target: form } = event;
  const asked = submitter?.dataset.confirm || form.dataset.confirm;
  if (!asked || form.dataset.confirmed) return;
  event.preventDefault();
  ask(form, submitter, asked.replace("{count}", document.body.dataset.selected || ""));
});

yes.addEventListener("click", () => {
  dialog.close();
  const { form, submitter } = waiting;
  form.dataset.confirmed = "yes";
  form.requestSubmit(submitter);
  delete form.dataset.confirmed;
});

dialog.querySelector("[data-confirm-no]").addEventListener("click", () => dialog.close());
