// The desk by keyboard; drafts that survive anything; templates and evidence into the answer.
import { restoreDrafts, watchDrafts, dropDraft } from "./desk-drafts.js";
import { watchPulse, touched } from "./desk-pulse.js";

const desk = document.getElementById("desk");
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

function putIn(text) {
  const field = showPanel("answer");
  if (field) insert(field, text);
}

function showProof(button) {
  for (const one of document.querySelectorAll("[data-proof]")) {
    one.setAttribute("aria-pressed", String(one === button));
  }
}

function openMacros() {
  $("#macro-body").replaceChildren();
  $("#desk-macro").showModal();
}

function showCase() {
  shown = $("#case");
  if (!shown) return;
  restoreDrafts(shown);
  const talk = shown.querySelector(".talk");
  if (talk) talk.scrollTop = talk.scrollHeight;
}

// --- Keys --------------------------------------------------------------------------------------
const click = (key) => () => $(`[data-key="${key}"]`)?.click();
const KEYS = {
  n: click("n"),
  o: click("o"),
  c: click("c"),
  h: click("h"),
  l: click("l"),
  j: () => moveInQueue(1),
  k: () => moveInQueue(-1),
  r: () => showPanel("answer"),
  f: () => showPanel("refusal"),
  s: () => showPanel("supplement"),
  x: () => showPanel("extension"),
  i: () => showPanel("note"),
  t: () => showPanel("answer") && $("[data-fill]")?.focus(),
  m: () => $("[data-macros]")?.click(),
  g: () => $(".suggested summary, .alike-slot summary")?.focus(),
  v: () => $("[data-panel]:not([hidden]) [data-preview]")?.click(),
  a: pasteEvidence,
  e: click("e"),
  w: click("w"),
  p: click("p"),
  d: () => $("#evidence input[type=date]")?.focus(),
  u: openUnmask,
  "?": () => $("#desk-help").showModal(),
};

function openUnmask() {
  const details = $("#person .unmask");
  if (!details) return;
  details.open = true;
  details.querySelector("input[name=reason]").focus();
}

// With Korean input a key reports the Korean letter: the place of the key says which one is meant.
function keyOf(event) {
  const letter = /^Key([A-Z])$/.exec(event.code);
  return letter && !event.shiftKey ? letter[1].toLowerCase() : event.key;
}

function pickDigit(event) {
  const within = $("dialog[open]") ? "dialog[open] [data-digit" : ".queue-tabs [data-key";
  const chosen = $(`${within}="${event.key}"]`);
  if (chosen) {
    event.preventDefault();
    // A quick hand may press before the new row has been made ready.
    window.htmx.process(chosen);
    chosen.click();
  }
}

function moveInFound(event) {
  const rows = [...document.querySelectorAll(".found-row")];
  const here = rows.indexOf(event.target);
  if (!rows.length || (here < 0 && !event.target.matches("[data-slash]"))) return false;
  event.preventDefault();
  const to = here + (event.key === "ArrowDown" ? 1 : -1);
  (rows[Math.min(to, rows.length - 1)] ?? $("[data-slash]")).focus();
  return true;
}

document.addEventListener("keydown", (event) => {
  touched();
  if (event.isComposing) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    const form = event.target.closest("[data-panel], [data-send]") ?? $("dialog[open] [data-send]");
    form?.requestSubmit();
    return;
  }
  if (/^Arrow(Down|Up)$/.test(event.key) && moveInFound(event)) return;
  if (event.key === "Escape" && isTyping(event.target) && !$("dialog[open]")) {
    event.target.blur();
    return;
  }
  if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^[1-9]$/.test(event.key)) return pickDigit(event);
  if ($("dialog[open]")) return;
  const act = KEYS[keyOf(event)];
  if (act) {
    event.preventDefault();
    act();
  }
});

document.addEventListener("click", (event) => {
  touched();
  const tab = event.target.closest("[data-mode]");
  if (tab) showPanel(tab.dataset.mode);
  if (event.target.closest("[data-paste]")) pasteEvidence();
  const said = event.target.closest("[data-insert]");
  if (said) putIn(said.dataset.insert);
  const proof = event.target.closest("[data-proof]");
  if (proof) showProof(proof);
  if (event.target.closest("[data-macros]")) openMacros();
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
document.body.addEventListener("htmx:afterRequest", (event) => {
  if (event.target.matches("[data-closes]") && event.detail.xhr.status < 500) $("#desk-macro").close();
});
document.body.addEventListener("htmx:responseError", () => say(desk.dataset.failed));
document.body.addEventListener("htmx:sendError", () => say(desk.dataset.offline));
document.body.addEventListener("htmx:afterSettle", () => {
  markOpenRow();
  if ($("#case") !== shown) showCase();
  if ($("#desk-macro").open) $("#macro-body textarea, #macro-body button")?.focus();
  const found = document.activeElement?.matches("[data-slash]") && $(".found-row");
  if (found && !document.querySelectorAll(".found-row")[1]) found.focus();
});

watchDrafts();
watchPulse(desk);
markOpenRow();
showCase();
