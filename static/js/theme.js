// Light, dark or as the system says; kept in a cookie so that the server draws it right at once.
const root = document.documentElement;
const buttons = document.querySelectorAll("[data-theme-choice]");

function show(choice) {
  for (const button of buttons) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
  }
}

for (const button of buttons) {
  button.addEventListener("click", () => {
    const choice = button.dataset.themeChoice;
    const age = choice === "auto" ? 0 : 60 * 60 * 24 * 365;
    document.cookie = `theme=${choice};path=/;max-age=${age};samesite=lax`;
    if (choice === "auto") delete root.dataset.theme;
    else root.dataset.theme = choice;
    show(choice);
  });
}

show(root.dataset.theme || "auto");
