// Calls for help ring on every staff page: a bar in words, the title, and a sound.
const bell = document.getElementById("bell");
const EVERY = 3000;
const LONG = 120000;

if (bell) {
  const words = bell.querySelector("[data-words]");
  const loud = bell.querySelector("button");
  const title = document.title;
  let sound = null;
  let seen = -1;
  let failedSince = 0;

  const beep = (level) => {
    if (!sound || sound.state !== "running") return;
    for (let time = 0; time < 3; time += 1) {
      const tone = sound.createOscillator();
      const volume = sound.createGain();
      tone.frequency.value = time % 2 ? 660 : 880 + level * 110;
      volume.gain.value = Math.min(0.9, 0.35 + level * 0.2);
      tone.connect(volume).connect(sound.destination);
      tone.start(sound.currentTime + time * 0.35);
      tone.stop(sound.currentTime + time * 0.35 + 0.25);
    }
  };

  // Browsers allow a sound only after somebody has touched the page once.
  const unlock = () => {
    sound ??= new AudioContext();
    sound.resume().then(() => {
      loud.hidden = true;
    });
  };
  document.addEventListener("pointerdown", unlock, { once: true });
  document.addEventListener("keydown", unlock, { once: true });
  loud.addEventListener("click", unlock);

  const show = ({ ringing, seconds, level }) => {
    bell.hidden = ringing === 0;
    if (ringing) {
      const said = bell.dataset.said.replace("{count}", ringing).replace("{seconds}", seconds);
      words.textContent = said;
      document.title = document.title.startsWith("🚨") ? title : `🚨 ${said}`;
      loud.hidden = Boolean(sound && sound.state === "running");
      beep(level);
    } else {
      document.title = title;
    }
    const list = document.querySelector("[data-alarm-list]");
    if (list && seen >= 0 && seen !== ringing) window.location.reload();
    seen = ringing;
  };

  const ask = async () => {
    try {
      const answer = await fetch(bell.dataset.url, { headers: { "HX-Request": "true" } });
      if (!answer.ok) throw new Error(String(answer.status));
      show(await answer.json());
      failedSince = 0;
    } catch {
      failedSince ||= Date.now();
      if (Date.now() - failedSince > LONG / 8) {
        bell.hidden = false;
        words.textContent = bell.dataset.deaf;
      }
    }
    window.setTimeout(ask, EVERY);
  };
  ask();
}
