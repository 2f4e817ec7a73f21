// Starts the page's programs. A file of its own because the Content-Security-Policy forbids inline script.
//
// A browser that was inside before starts the app at once: the page's program, and beside it, not after it, the engine's worker. Any other starts the
// first screen (app/src/shell/entry.rs) alone, a fraction of the app; the app is fetched once that stands, and takes its place when it is asked for.

const ENTERED = "holdfast.entered";

// Chromium offers the installation once, which may be before the app listens: it is kept for it (app/src/shell/install.rs).
addEventListener("beforeinstallprompt", (offer) => {
  offer.preventDefault();
  globalThis.holdfastInstall = offer;
});

if (wasEntered()) {
  await enter();
} else {
  addEventListener("holdfast:enter", enter, { once: true });
  navigator.serviceWorker?.addEventListener("message", followBuild);
  // After the frame that shows it.
  addEventListener("holdfast:shown", () => setTimeout(install), { once: true });
  await start("entry");
}

async function enter() {
  navigator.serviceWorker?.removeEventListener("message", followBuild);
  startEngine();
  await start("ui");
}

/** Runs a program of the build, whose two files are fetched side by side. */
async function start(program) {
  const wasm = fetch(new URL(`./${program}_bg.wasm`, import.meta.url));
  const { default: init } = await import(`./${program}.js`);
  await init({ module_or_path: wasm });
}

/** What the worker says before the page's program listens is kept for it (app/src/engine/client.rs). */
function startEngine() {
  const worker = new Worker(new URL("./engine_loader.js", import.meta.url), { name: "holdfast-engine" });
  const early = { worker, messages: [], failed: false };
  worker.onmessage = ({ data }) => early.messages.push(data);
  worker.onerror = () => (early.failed = true);
  globalThis.holdfastEngine = early;
}

/** The service worker fetches the whole build. */
function install() {
  navigator.serviceWorker?.register("/sw.js").catch((fault) => console.warn("no service worker:", fault));
}

/** Another build took over while nobody was signed in: nothing is lost by loading it. */
function followBuild({ data }) {
  const build = document.querySelector("meta[name=holdfast-build]")?.content;
  if (data?.type === "reload" && data.build !== build) location.reload();
}

function wasEntered() {
  // A cookie outlives what a browser clears for want of space; the app then says what happened (app/src/shell/sentinel.rs).
  if (document.cookie.split("; ").some((cookie) => cookie.startsWith("holdfast_device="))) return true;
  try {
    return localStorage.getItem(ENTERED) !== null;
  } catch {
    // A browser that keeps nothing.
    return false;
  }
}
