// Checks a published draw in the browser: the same sums as verify_draw.py, with WebCrypto.
(() => {
  "use strict";

  const FORMAT = "seoul-health-draw/1";
  const STEP = 2000;
  const encoder = new TextEncoder();

  const sha256 = async (text) => {
    const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text)));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  };

  const byOrder = (a, b) => a.spill_order - b.spill_order || (a.code < b.code ? -1 : 1);

  const read = (text) => {
    const [header, ...lines] = text.trimEnd().split("\n").map((line) => JSON.parse(line));
    if (header.format !== FORMAT) throw new Error("format");
    header.quotas.sort(byOrder);
    return { header, lines };
  };

  const rosterText = ({ header, lines }) => {
    const terms = ["round", "lane", "seed_source", "seed_form", "seed_due_on"];
    return [
      FORMAT,
      ...terms.map((term) => `${term} ${header[term]}`),
      ...header.quotas.map((quota) => `quota ${quota.code} ${quota.seats} ${quota.spill_order}`),
      `applications ${lines.length}`,
      ...header.quotas.flatMap((quota) =>
        lines
          .filter((line) => line.quota === quota.code)
          .map((line) => `${line.application} ${line.quota}`)
          .sort(),
      ),
      "",
    ].join("\n");
  };

  const seatsWon = (quotas, applied) => {
    const won = quotas.map((quota) => Math.min(quota.seats, applied[quota.code]));
    const left = quotas.map((quota, place) => quota.seats - won[place]);
    return quotas.map((quota, place) => {
      const seats = [{ seat: quota.code, last: won[place] }];
      left.forEach((free, other) => {
        const last = seats[seats.length - 1].last;
        const taken = Math.min(free, applied[quota.code] - last);
        left[other] -= taken;
        if (taken) seats.push({ seat: quotas[other].code, last: last + taken });
      });
      return seats;
    });
  };

  const drawAgain = async ({ header, lines }, progress) => {
    const keys = [];
    for (let first = 0; first < lines.length; first += STEP) {
      progress(first, lines.length);
      const block = lines.slice(first, first + STEP);
      keys.push(...(await Promise.all(block.map((one) => sha256(header.seed + one.application)))));
    }
    const drawn = lines.map((line, place) => ({ line, key: keys[place] }));
    drawn.sort((a, b) => (a.key < b.key ? -1 : 1));
    const members = Object.fromEntries(header.quotas.map((quota) => [quota.code, []]));
    drawn.forEach(({ line }) => members[line.quota].push(line));
    const applied = Object.fromEntries(
      Object.entries(members).map(([code, found]) => [code, found.length]),
    );
    return { members, seats: seatsWon(header.quotas, applied) };
  };

  const firstWrong = ({ header }, { members, seats }, isWrong) => {
    for (const [place, quota] of header.quotas.entries()) {
      for (const [index, line] of members[quota.code].entries()) {
        const band = seats[place].find((one) => index < one.last);
        if (isWrong(line, index + 1, band ? band.seat : null)) return line.application;
      }
    }
    return "";
  };

  const wrongRank = (line, rank) => line.rank !== rank;
  const wrongOutcome = (line, _rank, seat) =>
    line.seat !== seat || line.outcome !== (seat ? "selected" : "waitlisted");

  const wrongLine = ({ header, lines }) => {
    const codes = new Set(header.quotas.map((quota) => quota.code));
    const seen = new Set();
    for (const line of lines) {
      if (seen.has(line.application) || !codes.has(line.quota)) return line.application;
      seen.add(line.application);
    }
    return lines.length === header.roster_count ? "" : `${lines.length} ≠ ${header.roster_count}`;
  };

  const check = async (place, list) => {
    const words = place.dataset;
    const say = (name, difference) => {
      const item = document.createElement("li");
      const verdict = document.createElement("b");
      item.className = difference ? "differs" : "ok";
      verdict.textContent = difference ? words.differs : words.ok;
      item.append(`${name}: `, verdict, difference ? ` (${difference})` : "");
      list.append(item);
    };
    const sheet = read(await (await fetch(words.file)).text());
    const broken = wrongLine(sheet);
    say(words.linesName, broken);
    const roster = await sha256(rosterText(sheet));
    say(words.rosterName, roster === words.roster ? "" : roster);
    if (broken) return;
    if (sheet.header.seed === null) {
      list.append(Object.assign(document.createElement("li"), { textContent: words.undrawn }));
      return;
    }
    const busy = document.createElement("li");
    list.append(busy);
    const result = await drawAgain(sheet, (done, all) => {
      busy.textContent = words.busy.replace("{done}", done).replace("{all}", all);
    });
    busy.remove();
    say(words.ranksName, firstWrong(sheet, result, wrongRank));
    say(words.outcomesName, firstWrong(sheet, result, wrongOutcome));
  };

  document.querySelectorAll(".in-browser").forEach((place) => {
    if (!globalThis.crypto?.subtle) return;
    place.hidden = false;
    const button = place.querySelector("button");
    const list = place.querySelector("ul");
    button.addEventListener("click", async () => {
      button.disabled = true;
      list.replaceChildren();
      try {
        await check(place, list);
      } catch {
        list.textContent = place.dataset.broken;
      }
      button.disabled = false;
    });
  });
})();
