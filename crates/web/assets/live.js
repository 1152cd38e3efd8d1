// Fills the table of a live page again while somebody looks at it. Without it the page shows what it showed when it was opened.
const PAUSE = 3000;

async function look() {
  const old = document.getElementById("live");
  if (old && !document.hidden && !old.contains(document.activeElement)) {
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", redirect: "error" });
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById("live");
        if (fresh) old.replaceWith(document.adoptNode(fresh));
      }
    } catch {
      // The server restarts, or the session ended: the next look, or the person, will tell.
    }
  }
  setTimeout(look, PAUSE);
}
setTimeout(look, PAUSE);
