// An application that speaks npm openid-client v6, unmodified, and the browser that it sends through its logins.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as oidc from 'openid-client';
import { Browser } from './browser.mjs';

export const { issuer, apps, person, doorward, data } = JSON.parse(process.env.E2E);
export const redirectUri = 'http://127.0.0.1:9/callback';
export const insecure = { execute: [oidc.allowInsecureRequests] };
const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
const privateJwk = apps.keys.private;
export const key = { key: await crypto.subtle.importKey('jwk', privateJwk, algorithm, false, ['sign']), kid: 'e2e' };
export const strangers = { key: (await crypto.subtle.generateKey(algorithm, false, ['sign'])).privateKey, kid: 'e2e' };

export const run = (...words) => JSON.parse(execFileSync(doorward, ['--data', data, '--json', ...words], { encoding: 'utf8' }));

/** The check that refused the last login to an application. */
export function culprit(app) {
  const latest = run('trace', '--app', app).items.reduce((one, other) => (Date.parse(other.updated) > Date.parse(one.updated) ? other : one));
  return run('trace', latest.reference).steps.findLast((step) => step.outcome === 'refused')?.check;
}

export async function configured(id, metadata = {}) {
  const method = apps[id].secret ? oidc.ClientSecretBasic(apps[id].secret) : oidc.PrivateKeyJwt(key);
  return oidc.discovery(new URL(issuer), id, metadata, method, insecure);
}

/** The parameters of a login, and what has to be kept for its answer. */
export async function parameters(more = {}) {
  const kept = { verifier: oidc.randomPKCECodeVerifier(), state: oidc.randomState(), nonce: oidc.randomNonce() };
  const sent = {
    redirect_uri: redirectUri,
    scope: 'openid profile email',
    code_challenge: await oidc.calculatePKCECodeChallenge(kept.verifier),
    code_challenge_method: 'S256',
    state: kept.state,
    nonce: kept.nonce,
    ...more,
  };
  return { sent, kept };
}

/** What came back to the application: its parameters, and what the library reads them from. */
export async function answer(browser, page) {
  if (page.url.href.startsWith(redirectUri)) return { parameters: page.url.searchParams, from: page.url };
  const form = page.forms().find(({ action }) => action.startsWith(redirectUri));
  if (!form) return { parameters: new URLSearchParams(), page };
  const { body } = await browser.submit(page, redirectUri, {});
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return { parameters: new URLSearchParams(body), from: new Request(form.action, { method: 'POST', headers, body }) };
}

/** Sends the browser through a login and takes the answer. */
export async function finish(config, url, kept, { browser = new Browser(redirectUri), token, options } = {}) {
  const page = await browser.logIn(url, person);
  const { from } = await answer(browser, page);
  assert.ok(from, `${page.url} (${page.status}): ${page.html}`);
  const checks = { pkceCodeVerifier: kept.verifier, expectedState: kept.state, expectedNonce: kept.nonce, idTokenExpected: true };
  const tokens = await oidc.authorizationCodeGrant(config, from, checks, token, options);
  return { tokens, claims: tokens.claims(), page, browser };
}

export const payload = (jwt) => JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url'));

/** What a page of ours or the redirect says went wrong. */
export const refusedWith = (page) => page.url.searchParams.get('error') ?? `page ${page.status}`;

export const refused = (error) => (thrown) => {
  assert.equal(thrown.error, error, `${thrown}: ${JSON.stringify(thrown.cause ?? null)}`);
  return true;
};
