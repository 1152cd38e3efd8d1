// A small web application on openid-client, for Chromium to log in to.
import { createServer } from 'node:http';
import * as oidc from 'openid-client';

/**
 * Starts it on that port; `parameters` go into each authorization request, `more` are pages by their paths. Returns how to stop it.
 */
export async function serveApplication({ issuer, id, secret, port }, parameters = {}, more = {}) {
  const config = await oidc.discovery(new URL(issuer), id, {}, oidc.ClientSecretBasic(secret), { execute: [oidc.allowInsecureRequests] });
  const redirectUri = `http://localhost:${port}/callback`;
  const pending = new Map();
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, `http://localhost:${port}`);
    const page = (status, text) => {
      response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' });
      response.end(`<!doctype html><html lang="en"><title>Application</title><h1>${text}</h1><a href="/login">Log in</a>`);
    };
    try {
      if (more[url.pathname]) {
        more[url.pathname](request, response);
      } else if (url.pathname === '/login') {
        const verifier = oidc.randomPKCECodeVerifier();
        const state = oidc.randomState();
        pending.set(state, verifier);
        const target = oidc.buildAuthorizationUrl(config, {
          redirect_uri: redirectUri,
          scope: 'openid profile email',
          code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
          state,
          ...parameters,
          ...Object.fromEntries(url.searchParams),
        });
        response.writeHead(303, { location: target.href });
        response.end();
      } else if (url.pathname === '/callback') {
        let answer = url;
        let state = url.searchParams.get('state');
        if (request.method === 'POST') {
          const chunks = [];
          for await (const chunk of request) chunks.push(chunk);
          const body = Buffer.concat(chunks).toString();
          state = new URLSearchParams(body).get('state');
          answer = new Request(url, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body });
        }
        const tokens = await oidc.authorizationCodeGrant(config, answer, { pkceCodeVerifier: pending.get(state), expectedState: state, idTokenExpected: true });
        const user = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
        page(200, `Hello ${user.name}`);
      } else {
        page(200, 'Nobody is logged in');
      }
    } catch (error) {
      page(500, `${error.error ?? error.code ?? error}`);
    }
  });
  await new Promise((ready) => server.listen(port, '127.0.0.1', ready));
  return () => {
    server.closeAllConnections();
    server.close();
  };
}
