// Hands out the pages of rounds that were kept on the phone while there is no network. It keeps nothing by itself:
// patrol.js says what is kept, and empties it when somebody else signs in.
"use strict";

const PAGES = "patrol-pages";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const asked = event.request;
  if (asked.method !== "GET" || new URL(asked.url).origin !== self.location.origin || asked.headers.has("X-Patrol")) return;
  event.respondWith(
    fetch(asked).catch(async () => {
      const kept = await (await caches.open(PAGES)).match(asked, { ignoreVary: true });
      return kept || Response.error();
    }),
  );
});
