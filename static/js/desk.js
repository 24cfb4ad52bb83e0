// The desk by keyboard; drafts that survive anything; templates and evidence into the answer.
import { restoreDrafts, watchDrafts, dropDraft } from "./desk-drafts.js";

const desk = document.getElementById("desk");
const PULSE = 20000;
const IDLE_AFTER = 5 * 60 * 1000;
let lastTouched = Date.now();
let shown = null;

const $ = (selector) => document.querySelector(selector);
const caseOpen = () => $("#case")?.dataset.receipt || "";
const say = (text) => document.dispatchEvent(new CustomEvent("toast", { detail: text }));

function isTyping(target) {
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

// --- Queue -------------------------------------------------------------------------------------
function markOpenRow() {
  for (const row of document.querySelectorAll(".queue-row")) {
    row.classList.toggle("open", row.dataset.receipt === caseOpen());
  }
}

function moveInQueue(step) {
  const rows = [...document.querySelectorAll(".queue-row")];
  if (!rows.length) return;
  const here = rows.indexOf(document.activeElement);
  const from = here >= 0 ? here : rows.findIndex((row) => row.classList.contains("open"));
  const to = Math.min(rows.length - 1, Math.max(0, from < 0 ? 0 : from + step));
  rows[to].focus();
  rows[to].scrollIntoView({ block: "nearest" });
}

// --- Answer box --------------------------------------------------------------------------------
function showPanel(mode) {
  const composer = $("[data-composer]");
  if (!composer?.querySelector(`[data-panel="${mode}"]`)) return null;
  for (const tab of composer.querySelectorAll("[data-mode]")) {
    tab.setAttribute("aria-selected", String(tab.dataset.mode === mode));
  }
  for (const panel of composer.querySelectorAll("[data-panel]")) {
    panel.hidden = panel.dataset.panel !== mode;
  }
  const field = composer.querySelector(`[data-panel="${mode}"] textarea`);
  field?.focus();
  return field;
}

function insert(field, text) {
  const start = field.selectionStart ?? field.value.length;
  const before = field.value.slice(0, start);
  const gap = before && !before.endsWith("\n") ? "\n\n" : "";
  field.setRangeText(gap + text, start, field.selectionEnd ?? start, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.scrollTop = field.scrollHeight;
}

async function fill(select) {
  const body = new URLSearchParams({ template: select.value });
  const answer = await fetch(select.dataset.fill, {
    method: "POST",
    headers: { "X-CSRFToken": desk.dataset.csrf },
    body,
  }).catch(() => null);
  if (!answer?.ok) return say(desk.dataset.failed);
  const field = showPanel("answer");
  insert(field, await answer.text());
  return field.focus();
}

async function preview(button) {
  const form = button.closest("form");
  const answer = await fetch(button.dataset.preview, {
    method: "POST",
    headers: { "X-CSRFToken": desk.dataset.csrf },
    body: new URLSearchParams(new FormData(form)),
  }).catch(() => null);
  if (!answer?.ok) return say(desk.dataset.failed);
  $("#preview").innerHTML = await answer.text();
  return $("#desk-preview").showModal();
}

function pasteEvidence() {
  const button = $("[data-paste]");
  if (button && button.dataset.person !== $("#case")?.dataset.person) {
    if (caseOpen()) say(desk.dataset.otherPerson);
    return;
  }
  const field = button && showPanel("answer");
  if (field) insert(field, button.dataset.paste);
}

function showCase() {
  shown = $("#case");
  restoreDrafts(shown);
  const talk = shown.querySelector(".talk");
  if (talk) talk.scrollTop = talk.scrollHeight;
}

// --- Keys --------------------------------------------------------------------------------------
const KEYS = {
  n: () => $("[data-key='n']")?.click(),
  j: () => moveInQueue(1),
  k: () => moveInQueue(-1),
  r: () => showPanel("answer"),
  t: () => showPanel("answer") && $("[data-fill]")?.focus(),
  a: pasteEvidence,
  e: () => {
    $("#evidence")?.scrollIntoView({ block: "start" });
    $("#evidence")?.focus();
  },
  "?": () => $("#desk-help").showModal(),
};

document.addEventListener("keydown", (event) => {
  lastTouched = Date.now();
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    event.target.closest("[data-panel]")?.requestSubmit();
    return;
  }
  if (event.key === "Escape" && isTyping(event.target)) {
    event.target.blur();
    return;
  }
  if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  if ($("dialog[open]")) return;
  const act = KEYS[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});

document.addEventListener("click", (event) => {
  lastTouched = Date.now();
  const tab = event.target.closest("[data-mode]");
  if (tab) showPanel(tab.dataset.mode);
  if (event.target.closest("[data-paste]")) pasteEvidence();
  if (event.target.closest("[data-desk-help]")) $("#desk-help").showModal();
  if (event.target.closest("[data-print]")) window.print();
  const previewing = event.target.closest("[data-preview]");
  if (previewing) preview(previewing);
});

document.addEventListener("change", (event) => {
  const select = event.target.closest("[data-fill]");
  if (select?.value) fill(select);
});

// --- What the server says ------------------------------------------------------------------------
document.body.addEventListener("desk-toast", (event) => say(event.detail.value));
document.body.addEventListener("draft-sent", (event) => dropDraft(event.detail.value));
document.body.addEventListener("htmx:responseError", () => say(desk.dataset.failed));
document.body.addEventListener("htmx:sendError", () => say(desk.dataset.offline));
document.body.addEventListener("htmx:afterSettle", () => {
  markOpenRow();
  if ($("#case") !== shown) showCase();
});

// A pulse refreshes queue and presence, but only while somebody is there: an idle desk signs out.
setInterval(() => {
  if (!document.hidden && Date.now() - lastTouched < IDLE_AFTER && !$(".queue-row:focus")) {
    window.htmx.trigger(document.body, "desk-pulse");
  }
}, PULSE);

watchDrafts();
markOpenRow();
showCase();
