// Stand-ins for what cannot be had here: only the behaviour that is the provider's own, each with its document. Whoever
// comes is logged in at once: these are about what comes after. POST /behaviour/NAME changes one while it runs.
// E2E: { port, tenant }
import { createServer } from 'node:http';
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';

const { port, tenant } = JSON.parse(process.env.E2E);
const origin = `http://127.0.0.1:${port}`;
const SECRET = 'the secret of doorward in the cloud';

// What any of them can be told to do wrong, and the claims of the person who comes.
//   claims      added to the ID token (null takes one away)     issuer, audience, nonce   other than right
//   clock       seconds by which the provider's clock is off    sign_with: 'foreign'      a key that it does not publish
//   key         the id of the key in use: a new one is a rotation                          algorithm: 'none' | 'HS256'
//   token_error an error of the token endpoint                  down: true                every address answers 503
const behaviours = { entra: {}, okta: {}, google: {}, github: {} };

const pairs = new Map();
const pair = (kid) => {
  if (!pairs.has(kid)) pairs.set(kid, generateKeyPairSync('rsa', { modulusLength: 2048 }));
  return pairs.get(kid);
};
const current = (behaviour) => behaviour.key ?? 'first';
const base64url = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

function jwt(claims, behaviour) {
  const kid = current(behaviour);
  const alg = behaviour.algorithm ?? 'RS256';
  const input = `${base64url({ typ: 'JWT', alg, kid })}.${base64url(claims)}`;
  if (alg === 'none') return `${input}.`;
  const { privateKey } = pair(behaviour.sign_with === 'foreign' ? 'foreign' : kid);
  return `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`;
}

const jwks = (behaviour, more = {}) => ({
  keys: [{ ...pair(current(behaviour)).publicKey.export({ format: 'jwk' }), kid: current(behaviour), use: 'sig', alg: 'RS256', ...more }],
});

// Authorization codes and access tokens are opaque: what was asked, kept here.
const codes = new Map();
const tokens = new Map();

const metadata = (issuer, base, more = {}) => ({
  issuer,
  authorization_endpoint: `${base}/authorize`,
  token_endpoint: `${base}/token`,
  jwks_uri: `${base}/keys`,
  response_types_supported: ['code'],
  subject_types_supported: ['pairwise'],
  id_token_signing_alg_values_supported: ['RS256'],
  scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
  ...more,
});

const entra = {
  person: { oid: '99999999-8888-4777-8666-555555555555', sub: 'pairwise-subject-of-alice' },
  // "Microsoft identity platform and the OpenID Connect protocol" (v2-protocols-oidc): the metadata of `common` and
  // `organizations` name "https://login.microsoftonline.com/{tenantid}/v2.0" as issuer; tokens name the tenant's own.
  // There is no code_challenge_methods_supported although PKCE is done.
  match: /^\/entra\/([^/]+)\/v2\.0(\/.*)$/,
  metadata: ([, named], behaviour) => {
    const many = named === 'common' || named === 'organizations';
    const base = `${origin}/entra/${named}/v2.0`;
    const issuer = behaviour.issuer_in_metadata ?? (many ? `${origin}/entra/{tenantid}/v2.0` : base);
    return metadata(issuer, base, { userinfo_endpoint: `${base}/userinfo`, end_session_endpoint: `${base}/logout` });
  },
  jwks: (_, behaviour) => jwks(behaviour, { issuer: `${origin}/entra/{tenantid}/v2.0` }),
  issuer: (_, behaviour) => `${origin}/entra/${behaviour.tenant ?? tenant}/v2.0`,
  claims: (_, behaviour) => ({
    ...entra.person,
    tid: behaviour.tenant ?? tenant,
    name: 'Alice Archer',
    preferred_username: 'alice@contoso.example',
    email: 'alice@example.com',
    ...entra.groups(behaviour),
  }),
  // "Configure group claims and app roles in tokens" (access-token-claims-reference, groups overage claim): above 200
  // groups the token has _claim_names and _claim_sources instead, whose endpoint still names the retired Azure AD Graph;
  // groups come as object ids.
  groups: (behaviour) => {
    if (!behaviour.overage) return { groups: behaviour.groups ?? ['aaaaaaaa-0000-4000-8000-000000000001'] };
    const endpoint = `https://graph.windows.net/${tenant}/users/${entra.person.oid}/getMemberObjects`;
    return { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint } } };
  },
  userinfo: () => ({ sub: entra.person.sub, name: 'Alice Archer' }),
};

const okta = {
  // "OpenID Connect & OAuth 2.0 API", "Authorization servers": the org server's issuer is the org's address, a custom
  // server's is /oauth2/{id}; the org server gives the groups claim only with the scope `groups`, a custom one as its
  // claims are set up. An ID token issued together with an access token is thin: profile and groups are in userinfo.
  match: /^\/okta(\/oauth2\/default)?(\/.*)$/,
  base: ([, custom]) => `${origin}/okta${custom ?? ''}`,
  metadata: (place, behaviour) => {
    const base = okta.base(place);
    return metadata(behaviour.issuer_in_metadata ?? base, base, {
      userinfo_endpoint: `${base}/userinfo`,
      end_session_endpoint: `${base}/logout`,
      code_challenge_methods_supported: ['S256'],
      scopes_supported: ['openid', 'profile', 'email', 'groups', 'offline_access'],
    });
  },
  jwks: (_, behaviour) => jwks(behaviour),
  issuer: (place) => okta.base(place),
  claims: ([, custom], behaviour, asked) => ({
    sub: '00u1alice',
    ...(custom ? { name: 'Alice Archer', ...okta.groups(behaviour, asked) } : {}),
  }),
  groups: (behaviour, asked) => asked.includes('groups') ? { groups: behaviour.groups ?? ['Everyone', 'Net Ops'] } : {},
  userinfo: (_, behaviour, asked) => ({
    sub: '00u1alice',
    name: 'Alice Archer',
    preferred_username: 'alice@example.com',
    email: 'alice@example.com',
    email_verified: true,
    ...okta.groups(behaviour, asked),
  }),
};

const google = {
  // "OpenID Connect" (identity/openid-connect): `iss` is https://accounts.google.com or accounts.google.com; `hd` is the
  // hosted domain, absent for private accounts, and a request's `hd` is a hint only; there are no groups, no
  // end_session_endpoint, and the scope offline_access is unknown (access_type=offline instead).
  match: /^\/google(\/.*)$/,
  metadata: () => {
    const base = `${origin}/google`;
    return metadata(base, base, { userinfo_endpoint: `${base}/userinfo`, code_challenge_methods_supported: ['plain', 'S256'] });
  },
  jwks: (_, behaviour) => jwks(behaviour),
  issuer: (_, behaviour) => behaviour.alias ? `127.0.0.1:${port}/google` : `${origin}/google`,
  claims: (_, behaviour) => ({
    sub: '110169484474386276334',
    azp: 'doorward',
    email: 'alice@example.com',
    email_verified: true,
    name: 'Alice Archer',
    ...(behaviour.private_account ? {} : { hd: behaviour.hd ?? 'example.com' }),
  }),
  userinfo: () => ({ sub: '110169484474386276334', name: 'Alice Archer', email: 'alice@example.com', email_verified: true }),
};

// "Authorizing OAuth apps" and the REST API ("Get the authenticated user", "List email addresses", "List teams for the
// authenticated user", "Using pagination"): OAuth 2 only; the token endpoint answers a form unless JSON is asked for, and
// errors with status 200; the public e-mail address is often null; lists come in pages named by the Link header; requests
// without User-Agent are refused.
const github = {
  match: /^\/github(\/.*)$/,
  user: { login: 'alice', id: 583231, name: 'Alice Archer', email: null },
  emails: [
    { email: 'alice@old.example', primary: false, verified: true },
    { email: 'alice@example.com', primary: true, verified: true },
  ],
  teams: (behaviour) => (behaviour.teams ?? ['netops', 'helpdesk', 'leads']).map((slug) => ({ slug, organization: { login: 'acme' } })),
};

const providers = { entra, okta, google };

const send = (response, status, value, headers = {}) => {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers });
  response.end(typeof value === 'string' ? value : JSON.stringify(value));
};

const body = async (request) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
};

function authorize(url, response, place) {
  const code = randomUUID();
  codes.set(code, { place, query: Object.fromEntries(url.searchParams) });
  const back = new URL(url.searchParams.get('redirect_uri'));
  back.searchParams.set('code', code);
  back.searchParams.set('state', url.searchParams.get('state'));
  response.writeHead(302, { location: back.href });
  response.end();
}

function credentials(request, form) {
  const [kind, value] = (request.headers.authorization ?? '').split(' ');
  if (kind.toLowerCase() !== 'basic') return [form.get('client_id'), form.get('client_secret')];
  return Buffer.from(value, 'base64').toString().split(':').map((part) => decodeURIComponent(part.replaceAll('+', ' ')));
}

// What the token endpoint refuses, or nothing.
function refusal(request, form, asked, behaviour) {
  if (behaviour.token_error) return behaviour.token_error;
  const [id, secret] = credentials(request, form);
  if (id !== 'doorward' || secret !== SECRET) return 'invalid_client';
  if (!asked || asked.query.redirect_uri !== form.get('redirect_uri')) return 'invalid_grant';
  const verifier = form.get('code_verifier') ?? '';
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  if (asked.query.code_challenge && asked.query.code_challenge !== challenge) return 'invalid_grant';
  return undefined;
}

async function token(request, response, provider, behaviour) {
  const form = new URLSearchParams(await body(request));
  const asked = codes.get(form.get('code'));
  codes.delete(form.get('code'));
  const refused = refusal(request, form, asked, behaviour);
  if (refused) return send(response, refused === 'invalid_client' ? 401 : 400, { error: refused });
  const access = randomUUID();
  const scope = asked.query.scope.split(' ');
  tokens.set(access, { place: asked.place, scope });
  const now = Math.floor(Date.now() / 1000) + (behaviour.clock ?? 0);
  const claims = {
    iss: behaviour.issuer ?? provider.issuer(asked.place, behaviour),
    aud: behaviour.audience ?? 'doorward',
    nonce: behaviour.nonce ?? asked.query.nonce,
    iat: now,
    nbf: now,
    exp: now + 3600,
    ...provider.claims(asked.place, behaviour, scope),
    ...behaviour.claims,
  };
  for (const name of Object.keys(claims)) if (claims[name] === null) delete claims[name];
  return send(response, 200, { token_type: 'Bearer', access_token: access, expires_in: 3600, id_token: jwt(claims, behaviour) });
}

const bearer = (request) => tokens.get((request.headers.authorization ?? '').replace(/^(Bearer|token) /i, ''));

async function openid(name, request, response, url) {
  const [provider, behaviour] = [providers[name], behaviours[name]];
  const place = provider.match.exec(url.pathname);
  const known = bearer(request);
  switch (place.at(-1)) {
    case '/.well-known/openid-configuration': return send(response, 200, provider.metadata(place, behaviour));
    case '/keys': return send(response, 200, provider.jwks(place, behaviour));
    case '/authorize': return authorize(url, response, place);
    case '/token': return token(request, response, provider, behaviour);
    case '/userinfo': return known ? send(response, 200, provider.userinfo(known.place, behaviour, known.scope)) : send(response, 401, {});
    default: return send(response, 404, {});
  }
}

// Microsoft Graph, "List a user's direct memberships" and "Paging": members of any kind, a page at a time, the next one
// at the address in @odata.nextLink; "getMemberObjects" gives ids only. An application without the permission gets 403.
async function graph(request, response, url) {
  const behaviour = behaviours.entra;
  if (behaviour.graph_error) return send(response, behaviour.graph_error, { error: { code: 'Authorization_RequestDenied' } });
  if (!bearer(request)) return send(response, 401, { error: { code: 'InvalidAuthenticationToken' } });
  const ids = behaviour.graph_groups ?? Array.from({ length: 250 }, (_, at) => `aaaaaaaa-0000-4000-8000-${String(at + 1).padStart(12, '0')}`);
  const skip = Number(url.searchParams.get('$skiptoken') ?? 0);
  // "$top" is what is asked for at most; a server may give less on a page (OData, server-driven paging).
  const size = behaviour.graph_page ?? Number(url.searchParams.get('$top') ?? 100);
  const whole = request.method === 'GET';
  const page = ids.slice(skip, skip + size);
  const value = whole ? page.map((id) => ({ '@odata.type': '#microsoft.graph.group', id, displayName: `Group ${Number(id.slice(-12))}` })) : page;
  const next = new URL(url.href);
  next.searchParams.set('$skiptoken', skip + size);
  const more = skip + size < ids.length ? { '@odata.nextLink': behaviour.next_link ?? next.href } : {};
  return send(response, 200, { value, ...more });
}

async function hub(request, response, url) {
  const behaviour = behaviours.github;
  // A GitHub Enterprise Server: "Endpoints are prefixed with http(s)://HOSTNAME/api/v3" (REST API, getting started).
  const path = github.match.exec(url.pathname)[1].replace(/^\/api\/v3\//, '/');
  if (path === '/login/oauth/authorize') return authorize(url, response, ['github']);
  if (path === '/login/oauth/access_token') {
    const form = new URLSearchParams(await body(request));
    const asked = codes.get(form.get('code'));
    codes.delete(form.get('code'));
    const refused = refusal(request, form, asked, behaviour);
    const names = { invalid_client: 'incorrect_client_credentials', invalid_grant: 'bad_verification_code' };
    const access = randomUUID();
    if (!refused) tokens.set(access, { place: ['github'], scope: [] });
    const answer = refused
      ? { error: names[refused] ?? refused, error_description: 'See the documentation.' }
      : { access_token: access, scope: 'read:org,user:email', token_type: 'bearer' };
    if ((request.headers.accept ?? '').includes('json')) return send(response, 200, answer);
    return send(response, 200, new URLSearchParams(answer).toString(), { 'content-type': 'application/x-www-form-urlencoded' });
  }
  if (!request.headers['user-agent']) return send(response, 403, { message: 'Request forbidden by administrative rules.' });
  if (!bearer(request)) return send(response, 401, { message: 'Bad credentials' });
  const list = (all) => {
    const page = Number(url.searchParams.get('page') ?? 1);
    const size = behaviour.page_size ?? Number(url.searchParams.get('per_page') ?? 30);
    const next = new URL(url.href);
    next.searchParams.set('page', page + 1);
    const headers = page * size < all.length ? { link: `<${next.href}>; rel="next"` } : {};
    return send(response, 200, all.slice((page - 1) * size, page * size), headers);
  };
  switch (path) {
    case '/user': return send(response, 200, { ...github.user, ...behaviour.user });
    case '/user/emails': return behaviour.no_emails ? send(response, 404, { message: 'Not Found' }) : list(behaviour.emails ?? github.emails);
    case '/user/orgs': return behaviour.orgs_status
      ? send(response, behaviour.orgs_status, { message: 'Although you appear to have the correct authorization credentials, the organization has enabled OAuth App access restrictions.' })
      : list((behaviour.orgs ?? ['acme']).map((login) => ({ login })));
    case '/user/teams': return list(github.teams(behaviour));
    default: return send(response, 404, { message: 'Not Found' });
  }
}

createServer(async (request, response) => {
  const url = new URL(request.url, origin);
  const name = url.pathname.split('/')[1];
  try {
    if (name === 'behaviour') {
      const which = url.pathname.split('/')[2];
      Object.assign(behaviours[which], JSON.parse(await body(request)));
      for (const [key, value] of Object.entries(behaviours[which])) if (value === null) delete behaviours[which][key];
      return send(response, 200, behaviours[which]);
    }
    if (behaviours[name]?.down) return send(response, 503, { error: 'temporarily_unavailable' });
    if (name === 'graph') return await graph(request, response, url);
    if (name === 'github') return await hub(request, response, url);
    if (providers[name]) return await openid(name, request, response, url);
    return send(response, 404, {});
  } catch (error) {
    return send(response, 500, String(error.stack ?? error));
  }
}).listen(port, '127.0.0.1');
