// Other modules say document.dispatchEvent(new CustomEvent("toast", {detail: "text"})).
const toasts = document.getElementById("toasts");

document.addEventListener("toast", (event) => {
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.textContent = event.detail;
  toasts.append(toast);
  setTimeout(() => toast.remove(), 5000);
});
