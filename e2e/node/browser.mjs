// A browser without a screen for Node: cookies by host, redirects by hand, the pages' own forms.

export class Browser {
  cookies = new Map();

  /** Stops before an address that begins like one of `stops`: applications that nobody runs. */
  constructor(...stops) {
    this.stops = stops;
  }

  async get(url) {
    return this.walk('GET', new URL(url));
  }

  /** Fills in and sends the first form whose action contains `action`. */
  async submit(page, action, fields) {
    const form = page.forms().find((form) => form.action.includes(action));
    if (!form) throw new Error(`no form to ${action} on ${page.url} (${page.status}): ${page.html}`);
    const body = new URLSearchParams({ ...form.fields, ...fields }).toString();
    return this.walk('POST', new URL(form.action, page.url), body, page.url.origin);
  }

  async walk(method, url, body, origin) {
    for (let redirects = 0; redirects < 20; redirects += 1) {
      if (this.stops.some((stop) => url.href.startsWith(stop))) return new Page(url, 0, '', method === 'POST' ? body : undefined);
      const jar = this.cookies.get(url.hostname) ?? new Map();
      this.cookies.set(url.hostname, jar);
      const headers = { accept: 'text/html', 'accept-language': 'en' };
      if (jar.size > 0) headers.cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      if (body !== undefined) headers['content-type'] = 'application/x-www-form-urlencoded';
      if (body !== undefined && origin) headers.origin = origin;
      const answer = await fetch(url, { method, headers, body, redirect: 'manual' });
      for (const cookie of answer.headers.getSetCookie()) {
        const [pair, ...attributes] = cookie.split(';').map((part) => part.trim());
        const at = pair.indexOf('=');
        if (at === pair.length - 1 || attributes.some((attribute) => attribute.toLowerCase() === 'max-age=0')) jar.delete(pair.slice(0, at));
        else jar.set(pair.slice(0, at), pair.slice(at + 1));
      }
      const location = answer.headers.get('location');
      if (!location || answer.status < 300 || answer.status > 399) return new Page(url, answer.status, await answer.text());
      await answer.arrayBuffer();
      url = new URL(location, url);
      if (answer.status < 307) {
        method = 'GET';
        body = undefined;
      }
    }
    throw new Error(`too many redirects, the last to ${url}`);
  }

  /** Goes to an authorization URL and through whatever pages come, as this person. */
  async logIn(url, person) {
    let page = await this.get(url);
    if (page.url.pathname === '/login') {
      page = await this.submit(page, '/login', { username: person.name, password: person.password });
    }
    if (page.url.pathname === '/consent') page = await this.submit(page, '/consent', { decision: 'allow' });
    return page;
  }
}

class Page {
  constructor(url, status, html, body) {
    Object.assign(this, { url, status, html, body });
  }

  forms() {
    return [...this.html.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)].map(([, attributes, inside]) => ({
      action: attribute(attributes, 'action') ?? '',
      fields: Object.fromEntries(
        [...inside.matchAll(/<input\b([^>]*)>/g)]
          .map(([, input]) => [attribute(input, 'name'), attribute(input, 'value') ?? ''])
          .filter(([name]) => name),
      ),
    }));
  }
}

function attribute(text, name) {
  const found = text.match(new RegExp(`\\b${name}="([^"]*)"`));
  return found?.[1].replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code)).replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
