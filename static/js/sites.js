// The nearest places: the phone loads the public feed and measures by itself; its position goes nowhere.
const near = document.getElementById("sites-near");
const button = document.getElementById("sites-here");
const status = document.getElementById("sites-status");
const list = document.getElementById("sites-nearest");
const MOST = 20;
const EARTH = 6371000;

function read(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

function metres(lat, lng, place) {
  const radians = (degrees) => (degrees * Math.PI) / 180;
  const low = radians(lat);
  const high = radians(place.lat);
  const half =
    Math.sin((high - low) / 2) ** 2 +
    Math.cos(low) * Math.cos(high) * Math.sin(radians(place.lng - lng) / 2) ** 2;
  return 2 * EARTH * Math.asin(Math.sqrt(half));
}

function spoken(distance) {
  return distance < 1000 ? `${Math.round(distance / 10) * 10} m` : `${(distance / 1000).toFixed(1)} km`;
}

function element(name, text, kind = "") {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = kind;
  return made;
}

function line(row, words, tones) {
  const item = element("li", "", "card");
  const head = element("div", "");
  head.append(element("b", row.name), element("span", words[row.level], `chip ${tones[row.level]}`));
  const time = new Date(row.observed_at).toLocaleTimeString(document.documentElement.lang, {
    hour: "2-digit",
    minute: "2-digit",
    timeZone: "Asia/Seoul",
  });
  const { away, observed, stale, last } = near.dataset;
  const notes = [away.replace("{distance}", spoken(row.distance)), observed.replace("{time}", time)];
  if (row.is_stale) notes.push(stale);
  if (row.level === "unknown") notes.push(last.replace("{word}", words[row.last_level]));
  item.append(head, element("p", row.address), element("p", notes.join(" · "), "muted small"));
  return item;
}

async function show({ coords }) {
  try {
    const answer = await fetch(near.dataset.feed);
    if (!answer.ok) throw new Error(String(answer.status));
    const { results } = await answer.json();
    const words = read("sites-words");
    const tones = read("sites-tones");
    const rows = results
      .map((row) => ({ ...row, distance: metres(coords.latitude, coords.longitude, row) }))
      .sort((one, other) => one.distance - other.distance)
      .slice(0, MOST);
    status.textContent = "";
    list.replaceChildren(...rows.map((row) => line(row, words, tones)));
  } catch {
    status.textContent = near.dataset.offline;
  }
}

if (button && near && "geolocation" in navigator) {
  button.hidden = false;
  document.getElementById("sites-privacy").hidden = false;
  button.addEventListener("click", () => {
    near.hidden = false;
    status.textContent = near.dataset.busy;
    near.scrollIntoView({ block: "start" });
    navigator.geolocation.getCurrentPosition(
      show,
      () => {
        status.textContent = near.dataset.refused;
      },
      { maximumAge: 60000, timeout: 10000 },
    );
  });
}
