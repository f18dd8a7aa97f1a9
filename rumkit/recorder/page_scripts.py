"""The two scripts that a visited page runs for the recorder; neither lets a secret out of it.

`state` is what `rumkit snippet` prints for a person's console as well.
"""

from __future__ import annotations

import re

# Runs before the page's own scripts, beside them: the page does not see it.
VIOLATIONS = """\
(report) => addEventListener('securitypolicyviolation', (event) => report(JSON.stringify({
  directive: event.effectiveDirective,
  blocked: event.blockedURI,
  disposition: event.disposition,
  policy: event.originalPolicy,
  file: event.sourceFile,
  line: event.lineNumber,
  page: event.documentURI,
})), true)"""

STATE = """\
(() => {
  const client = window.AwsRumClient || window.AwsNexusTelemetry || {};
  const name = typeof client.n === 'string' ? client.n : 'cwr';
  const command = window[name];
  const parsed = (text) => { try { return JSON.parse(text); } catch (_) { return null; } };
  const local = {};
  let localSeen = true;
  try {
    for (const key of Object.keys(localStorage)) {
      const value = parsed(localStorage.getItem(key));
      if (/^cwr_c(_|$)/.test(key)) {
        const { secretAccessKey, expiration } = value || {};
        const whole = secretAccessKey ? 'hidden' : '';
        local[key] = JSON.stringify({ secretAccessKey: whole, expiration });
      } else if (/^cwr_i(_|$)/.test(key)) {
        local[key] = JSON.stringify({ IdentityId: value && value.IdentityId ? 'hidden' : '' });
      }
    }
  } catch (_) { localSeen = false; }
  const cookies = [];
  let cookiesSeen = true;
  try {
    for (const part of document.cookie.split('; ')) {
      const at = part.indexOf('=');
      const key = part.slice(0, at);
      if (/^cwr_u(_|$)/.test(key)) cookies.push({ name: key, value: 'hidden' });
      if (!/^cwr_s(_|$)/.test(key)) continue;
      const text = decodeURIComponent(part.slice(at + 1));
      let value = null;
      try { value = parsed(atob(text)); } catch (_) { }
      const { sessionId, record, eventCount } = value || {};
      const kept = btoa(JSON.stringify({ sessionId, record, eventCount }));
      cookies.push({ name: key, value: value ? kept : 'unreadable' });
    }
  } catch (_) { cookiesSeen = false; }
  const metas = [...document.querySelectorAll('meta[http-equiv="Content-Security-Policy" i]')];
  const worker = navigator.serviceWorker && navigator.serviceWorker.controller;
  return JSON.stringify({
    rumkit: 1,
    page: location.origin + location.pathname,
    localStorage: localSeen ? local : null,
    cookies: cookiesSeen ? cookies : null,
    clientState: {
      name: typeof command === 'function' || client.q ? name : '',
      cwrIsStub: typeof command === 'function' ? /\\.q\\.push/.test(String(command)) : null,
      queue: Array.isArray(client.q) ? client.q.length : null,
      serviceWorker: worker ? worker.scriptURL.split('?')[0] : '',
      crossOriginIsolated: window.crossOriginIsolated === true,
      metaPolicies: metas.slice(0, 20).map((meta) => String(meta.content).slice(0, 4000)),
      visibility: document.visibilityState,
      secure: window.isSecureContext,
    },
  });
})()"""


def snippet() -> str:
    """Return the script for a person's console: it prints the state and tries to copy it."""
    lines = (line.strip() for line in STATE.splitlines())
    short = re.sub(r"\s{2,}", " ", " ".join(lines))
    return f"(text => {{ try {{ copy(text) }} catch (_) {{ }} return text }})({short})"
