// The review desk by keyboard: decide, give a reason, look closer, take the next.
const review = document.getElementById("review");
const PULSE = 30000;
const IDLE_AFTER = 5 * 60 * 1000;
let lastTouched = Date.now();

const $ = (selector) => document.querySelector(selector);
const say = (text) => document.dispatchEvent(new CustomEvent("toast", { detail: text }));

function isTyping(target) {
  return target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName)
    || (target.tagName === "INPUT" && !/^(radio|checkbox|hidden)$/.test(target.type));
}

function markOpenRow() {
  const open = $("#item")?.dataset.receipt || "";
  for (const row of document.querySelectorAll(".review-row")) {
    row.classList.toggle("open", row.dataset.receipt === open);
  }
}

// --- Documents -----------------------------------------------------------------------------------
function showPaper(number) {
  for (const tab of document.querySelectorAll("[data-paper]")) {
    tab.setAttribute("aria-pressed", String(tab.dataset.paper === number));
  }
  for (const paper of document.querySelectorAll("[data-pages-of]")) {
    paper.hidden = paper.dataset.pagesOf !== number;
  }
}

function turn(step) {
  const viewer = $(".review-viewer");
  const pages = [...document.querySelectorAll(".viewer-paper:not([hidden]) figure")];
  if (!pages.length) return;
  const here = pages.findLastIndex((page) => page.offsetTop <= viewer.scrollTop + 60);
  const to = Math.min(pages.length - 1, Math.max(0, Math.max(here, 0) + step));
  pages[to].scrollIntoView({ block: "start" });
}

const zoom = () => $(".review-viewer")?.classList.toggle("zoomed");

// --- Decisions -----------------------------------------------------------------------------------
function openPanel(name) {
  for (const panel of document.querySelectorAll("[data-panel]")) {
    panel.hidden = panel.dataset.panel !== name;
  }
  for (const button of document.querySelectorAll("[data-panel-of]")) {
    button.setAttribute("aria-expanded", String(button.dataset.panelOf === name));
  }
  const panel = $("[data-panel]:not([hidden])");
  panel?.querySelector("input[type='radio']")?.focus();
  panel?.scrollIntoView({ block: "nearest" });
}

function pick(digit) {
  const choice = $(`[data-panel]:not([hidden]) [data-digit="${digit}"]`);
  if (choice) {
    choice.checked = true;
    choice.focus();
  }
  return Boolean(choice);
}

const KEYS = {
  n: () => $("[data-key='n']")?.click(),
  a: () => $("[data-key='a']")?.click(),
  r: () => $("[data-key='r']") && openPanel("reject"),
  h: () => $("[data-key='h']") && openPanel("hold"),
  z: zoom,
  ArrowLeft: () => turn(-1),
  ArrowRight: () => turn(1),
  "?": () => $("#review-help").showModal(),
};
// What these keys are called while a Korean keyboard is on.
const KOREAN = { KeyN: "n", KeyA: "a", KeyR: "r", KeyH: "h", KeyZ: "z" };

document.addEventListener("keydown", (event) => {
  lastTouched = Date.now();
  if ($("dialog[open]")) return;
  if (event.key === "Escape") {
    openPanel("");
    document.activeElement?.blur();
    return;
  }
  if (event.key === "Enter" && event.target.matches?.("[data-panel] input[type='radio']")) {
    event.preventDefault();
    event.target.form.requestSubmit();
    return;
  }
  if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (/^[1-9]$/.test(event.key) && pick(event.key)) {
    event.preventDefault();
    return;
  }
  const act = KEYS[KOREAN[event.code] || event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});

document.addEventListener("click", (event) => {
  lastTouched = Date.now();
  const paper = event.target.closest("[data-paper]");
  if (paper) showPaper(paper.dataset.paper);
  const opener = event.target.closest("[data-panel-of]");
  if (opener) openPanel(opener.dataset.panelOf);
  if (event.target.closest("[data-close-panel]")) openPanel("");
  if (event.target.closest("[data-zoom], .viewer-paper img")) zoom();
  if (event.target.closest("[data-review-help]")) $("#review-help").showModal();
});

// --- What the server says ------------------------------------------------------------------------
document.body.addEventListener("review-toast", (event) => say(event.detail.value));
document.body.addEventListener("htmx:responseError", () => say(review.dataset.failed));
document.body.addEventListener("htmx:sendError", () => say(review.dataset.offline));
document.body.addEventListener("htmx:afterSettle", (event) => {
  markOpenRow();
  if (event.detail.target?.id === "item-slot") $("#item")?.focus({ preventScroll: true });
});

setInterval(() => {
  if (!document.hidden && Date.now() - lastTouched < IDLE_AFTER && !$(".review-row:focus")) {
    window.htmx.trigger(document.body, "review-pulse");
  }
}, PULSE);

markOpenRow();
