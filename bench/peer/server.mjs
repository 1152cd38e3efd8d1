// npm oidc-provider in its in-memory mode, set up for the same work as Doorward: the peer of every figure.
// Arguments: port and, for logins through another provider, { issuer, client, secret } as JSON.
import { Provider } from 'oidc-provider';
import * as openid from 'openid-client';
import { generateKeyPairSync } from 'node:crypto';

const port = Number(process.argv[2]);
const upstream = process.argv[3] && JSON.parse(process.argv[3]);
const issuer = `http://127.0.0.1:${port}`;
const jwk = (type, options, alg) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: alg,
});
const client = (id, alg) => ({
  client_id: id,
  client_secret: 'bench-secret-bench-secret-bench-secret',
  redirect_uris: ['http://127.0.0.1:9/callback'],
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  id_token_signed_response_alg: alg,
});
const provider = new Provider(issuer, {
  clients: [client('bench-es256', 'ES256'), client('bench-rs256', 'RS256')],
  jwks: { keys: [jwk('rsa', { modulusLength: 2048 }, 'RS256'), jwk('ec', { namedCurve: 'P-256' }, 'ES256')] },
  cookies: { keys: ['bench-cookie-key'] },
  pkce: { required: () => true },
  scopes: ['openid', 'profile', 'email', 'offline_access', 'api'],
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'] },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: (ctx) => ctx.oidc.client?.clientId.startsWith('bench') && ctx.oidc.params?.grant_type === 'client_credentials' ? 'urn:bench' : undefined,
      getResourceServerInfo: (ctx) => ({
        scope: 'api',
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: ctx.oidc.client.clientId === 'bench-rs256' ? 'RS256' : 'ES256' } },
      }),
    },
  },
  rotateRefreshToken: true,
  issueRefreshToken: () => true,
  findAccount: (ctx, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: 'Alice Bench', preferred_username: 'alice', email: 'alice@example.com', email_verified: true }),
  }),
  interactions: { url: (ctx, interaction) => `/log-in-as-alice/${interaction.uid}` },
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope('openid profile email offline_access');
    await grant.save();
    return grant;
  },
});
const logIn = async (ctx, accountId) =>
  ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, { login: { accountId } }));

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/log-in-as-alice/')) return next();
  return upstream ? toUpstream(ctx) : logIn(ctx, 'alice');
});

// Logins through another provider, with the same checks as Doorward's: PKCE, state, nonce, the ID token's signature, userinfo.
const callback = '/upstream/callback';
const underWay = new Map();
let there;
if (upstream) {
  there = await openid.discovery(new URL(upstream.issuer), upstream.client, upstream.secret, undefined, {
    execute: [openid.allowInsecureRequests],
  });
  openid.enableNonRepudiationChecks(there);
}

async function toUpstream(ctx) {
  const [verifier, state, nonce] = [openid.randomPKCECodeVerifier(), openid.randomState(), openid.randomNonce()];
  underWay.set(state, { verifier, nonce });
  ctx.redirect(openid.buildAuthorizationUrl(there, {
    redirect_uri: issuer + callback,
    scope: 'openid profile email groups',
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  }).href);
}

provider.use(async (ctx, next) => {
  if (ctx.path !== callback) return next();
  const { verifier, nonce } = underWay.get(ctx.query.state);
  underWay.delete(ctx.query.state);
  const tokens = await openid.authorizationCodeGrant(there, new URL(issuer + ctx.url), {
    pkceCodeVerifier: verifier,
    expectedState: ctx.query.state,
    expectedNonce: nonce,
    idTokenExpected: true,
  });
  const { sub } = tokens.claims();
  await openid.fetchUserInfo(there, tokens.access_token, sub);
  return logIn(ctx, sub);
});
provider.listen(port, '127.0.0.1');
