// The frame of session management (OpenID Connect Session Management 1.0 §3.2): says to a page of an application whether the session
// that the application was told of goes on in this browser.
// Only the prefixed one over https: a neighbour under the same domain can set the other.
const NAME = location.protocol === "https:" ? "__Host-doorward-state=" : "doorward-state=";

function browserState() {
  const pair = document.cookie.split("; ").find((pair) => pair.startsWith(NAME));
  return pair ? pair.slice(NAME.length) : "";
}

async function standing(question, origin) {
  const words = typeof question === "string" && question.length < 500 ? question.split(" ") : [];
  const [client, state] = words;
  const salt = (state ?? "").split(".")[1];
  if (words.length !== 2 || !client || !salt) return "error";
  // Where the browser keeps cookies from frames nothing is known, and "changed" would be said for ever.
  if (!globalThis.crypto?.subtle || (document.hasStorageAccess && !(await document.hasStorageAccess()))) return "error";
  // No application was told of a state without a session, and anybody could compute its digest.
  const browser = browserState();
  if (!browser) return "changed";
  const said = new TextEncoder().encode(`${client} ${origin} ${browser} ${salt}`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", said));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex}.${salt}` === state ? "unchanged" : "changed";
}

addEventListener("message", async (event) => {
  // As a window of its own it would answer any site that opens it.
  if (parent === window || !event.source || event.origin === "null") return;
  event.source.postMessage(await standing(event.data, event.origin), event.origin);
});
