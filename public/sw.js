// The service worker: opens the app without a network, and changes builds without losing work.
//
// It knows nothing of the business: it keeps the files of one build, whole or not at all, and answers from them. The data lies in IndexedDB.
//
// What it answers
//   a page (a navigation to an app route)   the build's page, from the cache; the network is not asked
//   /<build>/…                              from the cache, of whichever build; else from the network
//   /manifest.webmanifest                   from the cache
//   anything else                           not touched: /api, /docs, /metrics, /health…, and addresses that name a file, such as a certificate;
//                                           /api does not even wake this worker, where the browser knows routes
//
// Messages
//   page → waiting worker   { type: "activate" }       Take over now. The page sends it once every tab agrees, never while a sale is open.
//   page → active worker    { type: "started" }        The page is up. Optional; lets files of builds that no tab shows any more go sooner.
//   page → any worker       { type: "which-build" }    Answered on the message's own port: { type: "build", build }.
//   worker → every page     { type: "reload", build }  This build is active now. A page whose own build (meta holdfast-build) is another reloads.
//
// A new build installs beside the old one and then waits: it never takes over by itself while a tab is open. Where no tab is open, the browser
// activates it. The files of an older build stay until no tab that was served from it is left.

const BUILD = "__HOLDFAST_BUILD__";
/** Address and hash of every file of the build; the page itself is `/`. Written by the build. */
const FILES = "__HOLDFAST_FILES__";

const CACHE_PREFIX = "holdfast-build-";
const CACHE = CACHE_PREFIX + BUILD;
/** Which build each living page was served from; in a cache because this worker's memory does not last. */
const SERVED = "holdfast-served";
/** Addresses of the server that no page lives under. */
const NOT_THE_APP = /^\/(api|docs|metrics|health[^/]*)(\/|$)/;
/** The first folder of a build's files. */
const OF_A_BUILD = /^\/[0-9a-f]{12}\//;
/** Requests at a time while installing: a phone's network chokes on all at once. */
const AT_ONCE = 6;

self.addEventListener("install", (event) => event.waitUntil(Promise.all([leaveApiAlone(event), install()])));

self.addEventListener("activate", (event) => event.waitUntil(activate()));

self.addEventListener("message", (event) => {
  switch (event.data?.type) {
    case "activate":
      event.waitUntil(self.skipWaiting());
      break;
    case "started":
      event.waitUntil(forgetUnusedBuilds());
      break;
    case "which-build":
      event.ports[0]?.postMessage({ type: "build", build: BUILD });
      break;
  }
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (isAppRoute(url.pathname)) event.respondWith(page(event));
  } else if (OF_A_BUILD.test(url.pathname)) {
    event.respondWith(cachedOrFetched(request));
  } else if (url.pathname === "/manifest.webmanifest") {
    event.respondWith(cachedOrFetched(request));
  }
});

/** What goes to the server anyway costs no way through this worker, and keeps no older one busy that a new build waits for. */
function leaveApiAlone(event) {
  return event.addRoutes?.({ condition: { urlPattern: new URLPattern({ pathname: "/api/*" }) }, source: "network" });
}

/** Fetches the whole build, each file checked against its hash, or leaves nothing behind. */
async function install() {
  const cache = await caches.open(CACHE);
  const left = [...FILES];
  const worker = async () => {
    for (let file = left.shift(); file !== undefined; file = left.shift()) await keep(cache, file);
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  } catch (error) {
    left.length = 0;
    await caches.delete(CACHE);
    throw error;
  }
}

/** A build's file may come from the browser's own cache, unless what lies there is damaged. */
async function keep(cache, file) {
  const response = await fetchWhole(file, OF_A_BUILD.test(file.url) ? "default" : "no-store").catch(() => fetchWhole(file, "reload"));
  await cache.put(file.url, response);
}

async function fetchWhole({ url, integrity }, mode) {
  const response = await fetch(url, { integrity, cache: mode, credentials: "same-origin" });
  if (!response.ok || response.redirected) throw new Error(`${url} answered ${response.status}`);
  return response;
}

async function activate() {
  await self.clients.claim();
  await forgetUnusedBuilds();
  for (const client of await self.clients.matchAll({ type: "window" })) client.postMessage({ type: "reload", build: BUILD });
}

/** An app route's last part names no file. */
function isAppRoute(path) {
  return !NOT_THE_APP.test(path) && !path.slice(path.lastIndexOf("/")).includes(".");
}

async function page(event) {
  event.waitUntil(noteServed(event.resultingClientId).then(() => forgetUnusedBuilds(event.resultingClientId)));
  const cache = await caches.open(CACHE);
  return (await cache.match("/")) ?? fetch(event.request);
}

async function cachedOrFetched(request) {
  // The server varies by encoding, which the cache holds decoded.
  const options = { ignoreVary: true };
  const own = await caches.open(CACHE).then((cache) => cache.match(request, options));
  return own ?? (await caches.match(request, options)) ?? fetch(request);
}

async function noteServed(clientId) {
  if (!clientId) return;
  const served = await caches.open(SERVED);
  await served.put(`/${clientId}`, new Response(BUILD));
}

/**
 * Deletes the files of builds that no living page was served from. A page of unknown origin may be of any of them.
 * The page that is being opened right now is not listed among the living yet.
 */
async function forgetUnusedBuilds(opening) {
  const served = await caches.open(SERVED);
  const living = new Set((await self.clients.matchAll({ type: "window", includeUncontrolled: true })).map((client) => client.id));
  const inUse = new Set([BUILD]);
  for (const request of await served.keys()) {
    const clientId = new URL(request.url).pathname.slice(1);
    if (living.delete(clientId) || clientId === opening) inUse.add(await (await served.match(request)).text());
    else await served.delete(request);
  }
  if (living.size > 0) return;
  // A build that is installed and waits is younger than this one.
  if (self.registration.waiting || self.registration.installing) return;
  for (const name of await caches.keys()) {
    if (name.startsWith(CACHE_PREFIX) && !inUse.has(name.slice(CACHE_PREFIX.length))) await caches.delete(name);
  }
}
