// npm oidc-provider as it is, with pages that need no script and people whom a test names.
// E2E: { port, host, clients: [client metadata], people: { name: { password, claims } } }
import { createServer } from 'node:http';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { Provider } from 'oidc-provider';

const { port, host, clients, people } = JSON.parse(process.env.E2E);
const issuer = `http://${host}:${port}`;
const key = (alg, type, options) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: alg,
});

// A client that signs (RFC 7523) is registered with its public key, here in PEM, and named as it names it.
const registered = await Promise.all(clients.map(async ({ public_key_pem: pem, ...client }) => {
  if (!pem) return client;
  const key = createPublicKey(pem).export({ format: 'jwk' });
  return { ...client, jwks: { keys: [{ ...key, kid: await calculateJwkThumbprint(key), use: 'sig' }] } };
}));

const provider = new Provider(issuer, {
  clients: registered,
  jwks: {
    keys: [
      key('RS256', 'rsa', { modulusLength: 2048 }),
      key('ES256', 'ec', { namedCurve: 'P-256' }),
      key('EdDSA', 'ed25519', {}),
    ],
  },
  cookies: { keys: ['a cookie key for one test'] },
  pkce: { required: () => true },
  scopes: ['openid', 'profile', 'email', 'groups', 'offline_access'],
  claims: {
    openid: ['sub'],
    profile: ['name', 'preferred_username'],
    email: ['email', 'email_verified'],
    groups: ['groups'],
  },
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    revocation: { enabled: true },
    jwtUserinfo: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource(ctx, form) {
        ctx.body = `<!doctype html><title>Log out</title><body>${form}`
          + '<button type="submit" form="op.logoutForm" name="logout" value="yes">Log out</button></body>';
      },
    },
  },
  ttl: { AccessToken: 60, IdToken: 3600, Session: 3600, Grant: 3600, Interaction: 600, RefreshToken: 3600, AuthorizationCode: 60 },
  rotateRefreshToken: true,
  // It never calls addresses that are not public, but its clients are on this machine.
  fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined }),
  issueRefreshToken: (ctx, client) => client.grantTypeAllowed('refresh_token'),
  findAccount: (ctx, id) => people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id].claims }) },
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  // Nobody is asked for consent: whoever logs in has given it.
  async loadExistingGrant(ctx) {
    const { oidc: { client, session, params } } = ctx;
    const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope(params.scope);
    await grant.save();
    return grant;
  },
});

for (const event of ['backchannel.error', 'server_error', 'grant.error', 'end_session.error']) {
  provider.on(event, (...details) => console.error(event, details.find((detail) => detail instanceof Error)));
}

const page = (response, uid, sentence) => {
  response.setHeader('content-type', 'text/html');
  response.end(`<!doctype html><title>Sign in</title><body><h1>Sign in</h1><p>${sentence}</p>
    <form method="post" action="/interaction/${uid}"><input name="name"><input name="password" type="password">
    <button>Sign in</button><button name="refuse" value="yes">No</button></form></body>`);
};

const body = async (request) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
};

async function interaction(request, response) {
  const { uid, prompt } = await provider.interactionDetails(request, response);
  if (request.method === 'GET') return page(response, uid, `prompt: ${prompt.name}`);
  const form = new URLSearchParams(await body(request));
  if (form.get('refuse')) {
    return provider.interactionFinished(request, response, { error: 'access_denied', error_description: 'the person said no' });
  }
  const person = people[form.get('name')];
  if (!person || person.password !== form.get('password')) return page(response, uid, 'wrong name or password');
  return provider.interactionFinished(request, response, { login: { accountId: form.get('name') } });
}

// What an administrator of this provider does: changes people.
async function administration(request, response) {
  Object.assign(people, JSON.parse(await body(request)));
  response.end();
}

const serve = provider.callback();
createServer((request, response) => {
  const failed = (error) => {
    response.statusCode = 500;
    response.end(String(error?.stack ?? error));
  };
  if (request.url.startsWith('/interaction/')) return interaction(request, response).catch(failed);
  if (request.url === '/people') return administration(request, response).catch(failed);
  return serve(request, response);
}).listen(port, '127.0.0.1');
