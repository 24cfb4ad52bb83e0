// The counter: a row is sent when Enter is pressed; without a line it waits here with the time it was seen.
const page = document.getElementById("counter");
const line = document.getElementById("counter-line");
const words = page?.dataset ?? {};
const KEY = `counter.queue.${words.staff}.${words.site}`;
const PATIENCE = 10000;
const MOST = 100000;
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
}

function clockTime(moment) {
  return new Date(moment).toLocaleTimeString(document.documentElement.lang, {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZone: "Asia/Seoul",
  });
}

function rowOf(entry) {
  const rows = Array.from(page.querySelectorAll(".counter-row"));
  return rows.find((row) => row.dataset.window === entry.window && row.dataset.model === entry.model);
}

function say(row, state, text) {
  if (!row) return;
  row.dataset.state = state;
  row.querySelector("[role=status]").textContent = text;
}

function showLine(state) {
  const count = waiting().length;
  line.textContent = (state === "on" ? words.on : words[state]).replace("{count}", count);
  line.className = `chip ${state === "on" ? "ok" : "warn"}`;
}

async function post(entry) {
  const stop = new AbortController();
  const patience = setTimeout(() => stop.abort(), PATIENCE);
  try {
    return await fetch(words.report, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "X-CSRFToken": page.querySelector("[name=csrfmiddlewaretoken]").value,
      },
      body: JSON.stringify({ site: words.site, ...entry }),
      signal: stop.signal,
    });
  } finally {
    clearTimeout(patience);
  }
}

async function settle(entry, answer) {
  if (answer.ok) {
    say(rowOf(entry), "sent", words.sent.replace("{time}", clockTime(entry.observed_at)));
    return;
  }
  const told = await answer.json().catch(() => ({}));
  say(rowOf(entry), "refused", told.message || String(answer.status));
}

function later(state) {
  showLine(state);
  clearTimeout(timer);
  timer = setTimeout(send, delay);
  delay = Math.min(delay * 2, 30000);
}

async function send() {
  if (sending) return;
  sending = true;
  try {
    while (waiting().length) {
      const [entry] = waiting();
      const answer = await post(entry);
      if (answer.status === 401 || answer.status === 403) return later("out");
      if (answer.status >= 500 || answer.status === 429) return later("off");
      await settle(entry, answer);
      keep(waiting().slice(1));
      delay = 1000;
    }
    showLine("on");
  } catch {
    later("off");
  } finally {
    sending = false;
  }
}

function submit(row) {
  const field = row.elements.quantity;
  const quantity = Number(field.value);
  if (field.value === "" || !Number.isInteger(quantity) || quantity < 0 || quantity > MOST) {
    say(row, "refused", words.whole);
    field.focus();
    return;
  }
  const entry = {
    window: row.dataset.window,
    model: row.dataset.model,
    quantity,
    stopped: row.elements.stopped.checked,
    observed_at: new Date().toISOString(),
  };
  keep([...waiting(), entry]);
  say(row, "kept", words.kept.replace("{time}", clockTime(entry.observed_at)));
  send();
}

function next(row) {
  const rows = Array.from(page.querySelectorAll(".counter-row"));
  const following = rows[rows.indexOf(row) + 1];
  if (following) following.elements.quantity.select();
}

if (page) {
  page.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(event.target);
    next(event.target);
  });
  page.addEventListener("click", (event) => {
    const step = event.target.closest("[data-step]");
    if (!step) return;
    const field = step.closest(".counter-row").elements.quantity;
    field.value = Math.min(MOST, Math.max(0, Number(field.value || 0) + Number(step.dataset.step)));
  });
  page.addEventListener("focusin", (event) => event.target.matches("input[type=number]") && event.target.select());
  window.addEventListener("online", send);
  for (const entry of waiting()) {
    say(rowOf(entry), "kept", words.kept.replace("{time}", clockTime(entry.observed_at)));
  }
  send();
}
