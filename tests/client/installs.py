"""Invented installations for the tests: both published loader spellings around given arguments."""

from __future__ import annotations

ID = "5f0c2a6e-91d4-4c1b-8e57-3a9b7d2f6c10"
OTHER_ID = "c7e1d3b2-4a58-4f9e-9d06-8b2f5e7a1c34"
POOL = "eu-west-1:0d9e8f7a-6b5c-4d3e-8f1a-2b3c4d5e6f70"
ROLE = "arn:aws:iam::111122223333:role/shop-rum-guest"
URL = "https://client.rum.us-east-1.amazonaws.com/2.x/cwr.js"

_QUEUE = (
    "window[n]=function(c,p){x.q.push({c:c,p:p});};z=document.createElement('script');"
    "z.async=true;z.src=s;document.head.insertBefore(z,"
)
CONSOLE = (
    "(function(n,i,v,r,s,c,x,z){x=window.AwsRumClient={q:[],n:n,i:i,v:v,r:r,c:c};"
    + _QUEUE
    + "document.head.getElementsByTagName('script')[0]);})"
)
DOCS = (
    "(function(n,i,v,r,s,c,u,x,z){x=window.AwsRumClient={q:[],n:n,i:i,v:v,r:r,c:c,u:u};"
    + _QUEUE
    + "document.getElementsByTagName('script')[0]);})"
)
MINIFIED = (
    "!function(e,t,n,r,a,i,c,o,s){o=window.AwsRumClient={q:[],n:e,i:t,v:n,r:r,c:i,u:c},"
    "window[e]=function(e,t){o.q.push({c:e,p:t})},(s=document.createElement('script')).async=!0,"
    "s.src=a,document.head.insertBefore(s,document.getElementsByTagName('script')[0])}"
)
PRETTY = """(function (n, i, v, r, s, c, u, x, z) {
  // the RUM web client
  x = window.AwsRumClient = { q: [], n: n, i: i, v: v, r: r, c: c, u: u };
  window[n] = function (c, p) {
    x.q.push({ c: c, p: p });
  };
  z = document.createElement('script');
  z.async = true;
  z.src = s; /* the client */
  document.head.insertBefore(z, document.getElementsByTagName('script')[0]);
})"""
ARROW = (
    "((n,i,v,r,s,c,u)=>{const x=window.AwsRumClient={q:[],n,i,v,r,c,u};"
    "window[n]=(c,p)=>x.q.push({c,p});const z=document.createElement('script');"
    "z.setAttribute('src',s);document.head.appendChild(z)})"
)


def loader(
    config: str = "{}",
    *rest: str,
    form: str = DOCS,
    namespace: str = "'cwr'",
    monitor: str = f"'{ID}'",
    version: str = "'1.0.0'",
    region: str = "'eu-west-1'",
    url: str = f"'{URL}'",
) -> str:
    """Return a loader's JavaScript; every argument is JavaScript source."""
    return f"{form}({','.join([namespace, monitor, version, region, url, config, *rest])});"


def page(*scripts: str) -> str:
    """Return a page with scripts in its head."""
    inside = "\n".join(f"<script>{script}</script>" for script in scripts)
    return f"<!doctype html><html><head><title>Shop</title>\n{inside}\n</head><body></body></html>"


def npm(config: str = "{}", *, imports: str = "import { AwsRum } from 'aws-rum-web';") -> str:
    """Return a source file that constructs the client."""
    return f"{imports}\nconst awsRum = new AwsRum('{ID}', '1.0.0', 'eu-west-1', {config});\n"
