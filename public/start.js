// Starts the page's program. A file of its own because the Content-Security-Policy forbids inline script.
import init from "./ui.js";

await init({ module_or_path: new URL("./ui_bg.wasm", import.meta.url) });
