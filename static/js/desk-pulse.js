// What changed at the desk: one small question every few seconds, and only what changed is fetched.
const EVERY = 10000;
const IDLE_AFTER = 5 * 60 * 1000;
let lastTouched = Date.now();
let mark = "";
let lastAsked = "";
let queue = "";

const $ = (selector) => document.querySelector(selector);

// An idle desk falls silent, so that its session can end.
export function touched() {
  lastTouched = Date.now();
}

function address(desk) {
  const asked = new URLSearchParams({ tab: $("#queue")?.dataset.tab ?? "mine" });
  if ($("#case")?.dataset.receipt) asked.set("case", $("#case").dataset.receipt);
  return `${desk.dataset.pulse}?${asked}`;
}

function showCounts(counts) {
  for (const badge of document.querySelectorAll("[data-count]")) {
    const count = counts[badge.dataset.count] ?? 0;
    badge.hidden = !count;
    badge.textContent = count.toLocaleString();
  }
}

function showQueue(digest, tab) {
  const seen = `${tab}:${digest}`;
  const changed = queue.startsWith(`${tab}:`) && queue !== seen;
  if (changed && $(".queue-row:focus")) {
    // Not now: the next question is to be answered in full.
    mark = "";
    return;
  }
  queue = seen;
  if (changed) window.htmx.trigger(document.body, "queue-changed");
}

function showPresence(told) {
  const open = $("#case");
  const names = (told.others ?? []).join(",");
  const version = String(told.version ?? open?.dataset.version);
  if (!open?.dataset.receipt || !$("#presence")) return;
  if (version !== open.dataset.version || names !== (open.dataset.others ?? "")) {
    open.dataset.others = names;
    window.htmx.trigger(document.body, "desk-pulse");
  }
}

async function beat(desk) {
  if (document.hidden || Date.now() - lastTouched > IDLE_AFTER) return;
  const tab = $("#queue")?.dataset.tab ?? "mine";
  const receipt = $("#case")?.dataset.receipt;
  const asked = address(desk);
  const headers = mark && asked === lastAsked ? { "If-None-Match": mark } : {};
  lastAsked = asked;
  const answer = await fetch(asked, { headers, cache: "no-store" }).catch(() => null);
  if (!answer?.ok || !answer.headers.get("Content-Type")?.includes("json")) return;
  mark = answer.headers.get("ETag") ?? "";
  const told = await answer.json();
  showCounts(told.counts);
  showQueue(told.queue, tab);
  if (receipt === $("#case")?.dataset.receipt) showPresence(told);
}

export function watchPulse(desk) {
  setInterval(() => beat(desk), EVERY);
}
