// A page with a scanner: the cursor never leaves the field, and a scan is kept until it is answered.
// The page says in data attributes what its outcomes are called, which tone each has, and its columns.
const station = document.getElementById("station");
const words = station.dataset;
const form = document.getElementById("scan-form");
const field = document.getElementById("scan-text");
const options = Array.from(form.querySelectorAll("[data-option]"));
const lists = document.getElementById("scan-lists");
const last = document.getElementById("scan-last");
const rows = document.getElementById("scan-rows");
const line = document.getElementById("scan-line");
const token = station.querySelector("[name=csrfmiddlewaretoken]").value;
const KEY = `scan.queue.${words.staff}`;
const PATIENCE = 10000;
const COLUMNS = words.columns.split(" ");
const UNDOABLE = words.undoable.split(" ");

let sending = false;
let delay = 1000;
let timer = 0;

function waiting() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) || [];
  } catch {
    return [];
  }
}

function keep(queue) {
  localStorage.setItem(KEY, JSON.stringify(queue));
  document.querySelector("[data-tally=waiting]").textContent = queue.length;
}

function makeId() {
  // crypto.randomUUID exists only on secure pages; a depot's test machine may not be one.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const audio = { context: null };

function beep(pitch, start, length) {
  const { context } = audio;
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.type = pitch < 400 ? "square" : "sine";
  tone.frequency.value = pitch;
  volume.gain.value = 0.15;
  tone.connect(volume).connect(context.destination);
  tone.start(context.currentTime + start);
  tone.stop(context.currentTime + start + length);
}

function sound(outcome) {
  try {
    audio.context ||= new AudioContext();
    const tone = toneOf(outcome);
    if (tone === "ok") beep(1320, 0, 0.09);
    if (tone === "danger") {
      beep(220, 0, 0.16);
      beep(220, 0.24, 0.22);
    }
    if (tone === "warn") {
      beep(520, 0, 0.1);
      beep(520, 0.16, 0.1);
    }
    if (!tone) beep(660, 0, 0.12);
  } catch {
    // No loudspeaker: colour and word say the same.
  }
}

function showLast(scan) {
  last.dataset.outcome = scan.outcome;
  last.dataset.tone = toneOf(scan.outcome);
  last.querySelector(".station-word").textContent = words[wordOf(scan.outcome)];
  last.querySelector(".station-serial").textContent = scan.serial;
  const hint = words[named("hint", scan.outcome)] || "";
  last.querySelector(".station-message").textContent = scan.message || hint;
}

function named(kind, outcome) {
  return `${kind}${outcome.charAt(0).toUpperCase()}${outcome.slice(1)}`;
}

function wordOf(outcome) {
  return named("word", outcome);
}

function toneOf(outcome) {
  return words[named("tone", outcome)] || "";
}

function cell(text, name = "") {
  const made = document.createElement("td");
  made.textContent = text || "";
  made.className = name;
  return made;
}

function showRow(scan) {
  const row = rows.querySelector(`[data-id="${scan.client_id}"]`) || document.createElement("tr");
  row.dataset.id = scan.client_id;
  row.dataset.outcome = scan.outcome;
  const chip = document.createElement("span");
  chip.className = `chip ${toneOf(scan.outcome)}`;
  chip.textContent = words[wordOf(scan.outcome)];
  const outcome = cell("");
  outcome.append(chip);
  const cells = COLUMNS.map((name) => cell(scan[name], name === "serial" ? "station-code" : ""));
  row.replaceChildren(outcome, ...cells);
  if (!row.isConnected) rows.prepend(row);
  while (rows.children.length > 10) rows.lastElementChild.remove();
}

function showTally(tally) {
  for (const [name, count] of Object.entries(tally || {})) {
    const place = document.querySelector(`[data-tally=${name}]`);
    if (!place) continue;
    place.textContent = count.toLocaleString();
    place.parentElement.classList.toggle("some", count > 0);
  }
}

let later = 0;

// What a scan changed further down the page, fetched once the hand rests.
function refreshLists() {
  if (!lists) return;
  clearTimeout(later);
  later = setTimeout(async () => {
    try {
      const answer = await fetch(words.lists, { redirect: "manual" });
      if (answer.ok) lists.innerHTML = await answer.text();
    } catch {
      // The next scan tries again.
    }
  }, 700);
}

function showLine(state) {
  const count = waiting().length;
  const says = { on: words.lineOn, off: words.lineOff, out: words.lineOut }[state];
  line.textContent = says.replace("{count}", count);
  line.className = `chip ${{ on: "ok", off: "warn", out: "danger" }[state]}`;
}

async function post(url, body) {
  return fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify(body),
    redirect: "manual",
    signal: AbortSignal.timeout(PATIENCE),
  });
}

// 200, 400, 404 and 409 are answers; everything else leaves the scan in the queue.
async function answered(response) {
  if (![200, 400, 404, 409].includes(response.status)) return null;
  return response.json();
}

function settle(item, scan) {
  keep(waiting().filter((each) => each.client_id !== item.client_id));
  const shown = scan.outcome
    ? scan
    : { ...item, serial: item.text, outcome: "refused", message: scan.message };
  showRow(shown);
  showLast(shown);
  showTally(shown.tally);
  sound(shown.outcome);
  refreshLists();
}

function tryAgain(state) {
  showLine(state);
  if (state === "out") return;
  clearTimeout(timer);
  timer = setTimeout(send, delay);
  delay = Math.min(delay * 2, 15000);
}

async function send() {
  if (sending) return;
  sending = true;
  try {
    for (let item = waiting()[0]; item; item = waiting()[0]) {
      const response = await post(words.in, item);
      const scan = await answered(response);
      if (!scan) {
        tryAgain([401, 403].includes(response.status) ? "out" : "off");
        return;
      }
      settle(item, scan);
      delay = 1000;
    }
    showLine("on");
  } catch {
    tryAgain("off");
  } finally {
    sending = false;
  }
}

async function undo() {
  const row = Array.from(rows.children).find((each) => UNDOABLE.includes(each.dataset.outcome));
  if (!row) return;
  try {
    const scan = await answered(await post(words.undo, { client_id: row.dataset.id }));
    if (!scan) {
      showLine("off");
    } else if (scan.outcome) {
      showRow(scan);
      showLast(scan);
      showTally(scan.tally);
      sound("undone");
      refreshLists();
    } else {
      showLast({ outcome: "refused", serial: row.children[1].textContent, ...scan });
      sound("refused");
    }
  } catch {
    showLine("off");
  }
}

function turn(select) {
  select.selectedIndex = (select.selectedIndex + 1) % select.options.length;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value.trim();
  field.value = "";
  if (!text) return;
  const chosen = Object.fromEntries(options.map((select) => [select.dataset.option, select.value]));
  const item = { client_id: makeId(), text, ...chosen };
  keep([...waiting(), item]);
  showRow({ ...item, serial: text.toUpperCase(), outcome: "waiting" });
  showLast({ serial: text.toUpperCase(), outcome: "waiting" });
  send();
});

document.addEventListener("keydown", (event) => {
  const option = options.find((select) => select.dataset.key === event.key);
  const verb = option ? () => turn(option) : { F8: undo }[event.key];
  if (verb && !event.altKey && !event.ctrlKey) {
    event.preventDefault();
    verb();
  } else if (event.target === document.body && event.key.length === 1) {
    field.focus();
  }
});

document.getElementById("scan-undo").addEventListener("click", () => {
  undo();
  field.focus();
});
for (const select of options) select.addEventListener("change", () => field.focus());

document.addEventListener("focusout", () => {
  setTimeout(() => {
    if (document.hasFocus() && document.activeElement === document.body) field.focus();
  });
});
window.addEventListener("focus", () => field.focus());
window.addEventListener("online", send);

keep(waiting());
field.focus();
if (waiting().length) send();
