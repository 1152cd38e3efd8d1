// npm oidc-provider in its in-memory mode, set up for the same work as Doorward: the peer of every figure.
import { Provider } from 'oidc-provider';
import { generateKeyPairSync } from 'node:crypto';

const port = Number(process.argv[2]);
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
provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/log-in-as-alice/')) return next();
  ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, { login: { accountId: 'alice' } }));
});
provider.listen(port, '127.0.0.1');
