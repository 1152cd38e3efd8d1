// Passkey ceremonies. A form with data-passkey is hidden until this runs: "login" also offers passkeys in the field for
// the user name, "use" asks for one of the person's, "register" makes one. The answer goes out with the form, as any other.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

// Browsers that know WebAuthn but not its JSON (before 2025) get it from here.
const listed = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));
function creation(options) {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) return PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const user = { ...options.user, id: bytes(options.user.id) };
  return { ...options, user, challenge: bytes(options.challenge), excludeCredentials: listed(options.excludeCredentials) };
}
function request(options) {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) return PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return { ...options, challenge: bytes(options.challenge), allowCredentials: listed(options.allowCredentials) };
}
function answer(credential) {
  if (credential.toJSON) return credential.toJSON();
  const response = {};
  for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return {
    id: credential.id, rawId: text(credential.rawId), type: credential.type, response,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

// Conditional requests wait in the background; anything else ends them first.
let waiting;
// A challenge lives for five minutes; one that waits is renewed before.
const RENEW = 240_000;

// Only who pressed the button is led elsewhere: a form that somebody fills in stays where it is.
async function ask(form, asked) {
  const reply = await fetch(form.dataset.options, { method: 'POST', body: new URLSearchParams(new FormData(form)), redirect: 'error' });
  const said = await reply.json();
  if (said.next) {
    if (asked) location.assign(said.next);
    return undefined;
  }
  return reply.ok ? said : undefined;
}

function send(form, credential) {
  form.elements.answer.value = JSON.stringify(answer(credential));
  HTMLFormElement.prototype.submit.call(form);
}

function say(form, problem) {
  for (const one of form.querySelectorAll('[data-problem]')) one.hidden = one.dataset.problem !== problem;
}

async function perform(form) {
  waiting?.abort();
  say(form, undefined);
  const button = form.querySelector('button');
  button.disabled = true;
  try {
    const options = await ask(form, true);
    if (!options) return;
    const made = form.dataset.passkey === 'register'
      ? navigator.credentials.create({ publicKey: creation(options) })
      : navigator.credentials.get({ publicKey: request(options) });
    send(form, await made);
  } catch (error) {
    say(form, error.name === 'InvalidStateError' ? 'known' : 'cancelled');
    if (form.dataset.passkey === 'login') offer(form);
  } finally {
    button.disabled = false;
  }
}

// In the list that the browser shows for the user name (conditional mediation).
async function offer(form) {
  if (!await PublicKeyCredential.isConditionalMediationAvailable?.()) return;
  const mine = new AbortController();
  waiting = mine;
  try {
    const options = await ask(form, false);
    if (!options || mine.signal.aborted) return;
    const renewal = setTimeout(() => { mine.abort(); offer(form); }, RENEW);
    mine.signal.addEventListener('abort', () => clearTimeout(renewal));
    send(form, await navigator.credentials.get({ publicKey: request(options), mediation: 'conditional', signal: mine.signal }));
  } catch {
    // Nobody asked for it, so nobody is told that it ended.
  }
}

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll('form[data-passkey]')) {
    form.hidden = false;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      perform(form);
    });
    if (form.dataset.passkey === 'login') offer(form);
  }
  for (const one of document.querySelectorAll('[data-without-passkeys]')) one.hidden = true;
}
