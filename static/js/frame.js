// The frame: fold the menu, remember its groups, "/" to search, close what is open.
const YEAR = 60 * 60 * 24 * 365;
const frame = document.getElementById("frame");
const narrow = window.matchMedia("(max-width: 900px)");

function remember(name, value) {
  document.cookie = `${name}=${value};path=/;max-age=${YEAR};samesite=lax`;
}

for (const button of document.querySelectorAll("[data-toggle-sidebar]")) {
  button.addEventListener("click", () => {
    if (narrow.matches) {
      frame.classList.toggle("open");
    } else {
      remember("sidebar", frame.classList.toggle("narrow") ? "narrow" : "wide");
    }
  });
}

for (const group of document.querySelectorAll("details[data-remember]")) {
  const key = `menu.${group.dataset.remember}`;
  if (localStorage.getItem(key) === "closed" && !group.querySelector("[aria-current]")) {
    group.open = false;
  }
  group.addEventListener("toggle", () => {
    localStorage.setItem(key, group.open ? "open" : "closed");
  });
}

document.querySelector(".menu [aria-current]")?.scrollIntoView({ block: "nearest" });

function isTyping(target) {
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !isTyping(event.target) && !event.ctrlKey && !event.metaKey) {
    const field = document.querySelector("[data-slash]") || document.querySelector("#searchbar");
    if (field) {
      event.preventDefault();
      field.focus();
      field.select();
    }
  }
  if (event.key === "Escape") {
    frame?.classList.remove("open");
    for (const pop of document.querySelectorAll("details[data-pop][open]")) {
      pop.open = false;
      pop.querySelector("summary").focus();
    }
  }
});

document.addEventListener("click", (event) => {
  for (const pop of document.querySelectorAll("details[data-pop][open]")) {
    if (!pop.contains(event.target)) pop.open = false;
  }
  if (frame?.classList.contains("open") && !event.target.closest(".sidebar, [data-toggle-sidebar]")) {
    frame.classList.remove("open");
  }
  event.target.closest("[data-dismiss]")?.closest(".message").remove();
  if (event.target.closest("[data-back]")) {
    event.preventDefault();
    window.history.back();
  }
});
