/** What a browser got, and where it is. */
export interface Seen {
  url: string;
  status: number;
  text: string;
  headers: Headers;
}

/** As much of a browser as a sign-in needs: it follows redirects, keeps cookies of each origin, and sends the form of a page. */
export class SmallBrowser {
  private readonly jars = new Map<string, Map<string, string>>();
  /** Every address that it asked for. */
  readonly visited: string[] = [];

  cookies(origin: string): Map<string, string> {
    let jar = this.jars.get(origin);
    if (!jar) this.jars.set(origin, (jar = new Map()));
    return jar;
  }

  /** As the header of a request has them. */
  cookieHeader(origin: string): string {
    return [...this.cookies(origin)].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /** Asks once, and follows no redirect. */
  async ask(url: string, form?: Record<string, string>): Promise<Seen> {
    const { origin } = new URL(url);
    this.visited.push(url);
    const response = await fetch(url, {
      method: form ? 'POST' : 'GET',
      redirect: 'manual',
      headers: {
        cookie: this.cookieHeader(origin),
        connection: 'close',
        ...(form ? { 'content-type': 'application/x-www-form-urlencoded', origin } : {}),
      },
      ...(form ? { body: new URLSearchParams(form).toString() } : {}),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = cookie.split(/; */);
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      if (value === '' || attributes.some((each) => /^max-age=0$/i.test(each))) this.cookies(origin).delete(name);
      else this.cookies(origin).set(name, value);
    }
    return { url, status: response.status, text: await response.text(), headers: response.headers };
  }

  /** Follows redirects, up to one that `stop` says. */
  async go(url: string, form?: Record<string, string>, stop: (to: string) => boolean = () => false): Promise<Seen> {
    let seen = await this.ask(url, form);
    for (let hop = 0; hop < 20 && seen.status >= 300 && seen.status < 400; hop++) {
      const to = new URL(seen.headers.get('location')!, seen.url).href;
      if (stop(to)) return { ...seen, url: to };
      seen = await this.ask(to);
    }
    return seen;
  }

  /** Sends the first form of a page with these values, and what stands in it already. */
  submit(page: Seen, values: Record<string, string>, stop?: (to: string) => boolean): Promise<Seen> {
    const [, opening = '', inside = ''] = /<form([^>]*)>(.*?)<\/form>/s.exec(page.text) ?? [];
    const action = /action="([^"]*)"/.exec(opening)?.[1]?.replaceAll('&amp;', '&') || page.url;
    const fields: Record<string, string> = {};
    for (const [, tag = ''] of inside.matchAll(/<input([^>]*)>/g)) {
      const name = /name="([^"]*)"/.exec(tag)?.[1];
      if (name) fields[name] = values[name] ?? /value="([^"]*)"/.exec(tag)?.[1] ?? '';
    }
    return this.go(new URL(action, page.url).href, fields, stop);
  }
}
