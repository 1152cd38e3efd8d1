// The frame of session management (OpenID Connect Session Management 1.0 §3.2): says to a page of an application whether the session
// that the application was told of goes on in this browser.
const NAMES = ["__Host-doorward-state=", "doorward-state="];

function browserState() {
  for (const pair of document.cookie.split("; ")) {
    const name = NAMES.find((name) => pair.startsWith(name));
    if (name) return pair.slice(name.length);
  }
  return "";
}

async function standing(question, origin) {
  const words = typeof question === "string" && question.length < 500 ? question.split(" ") : [];
  const [client, state] = words;
  const salt = (state ?? "").split(".")[1];
  if (words.length !== 2 || !client || !salt) return "error";
  // Where the browser keeps cookies from frames nothing is known, and "changed" would be said for ever.
  if (!globalThis.crypto?.subtle || (document.hasStorageAccess && !(await document.hasStorageAccess()))) return "error";
  const said = new TextEncoder().encode(`${client} ${origin} ${browserState()} ${salt}`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", said));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex}.${salt}` === state ? "unchanged" : "changed";
}

addEventListener("message", async (event) => {
  if (!event.source || event.origin === "null") return;
  event.source.postMessage(await standing(event.data, event.origin), event.origin);
});
