# ruff: noqa: E501 - texts as they are
"""A small whole file for each parser, and pieces that are put into it."""

from __future__ import annotations

SEEDS = {
    "page": b"<html><head><script>(function(n,i,v,r,s,c,x,z){})('cwr','id','1.0.0','eu-west-1',"
            b"'https://client.rum.us-east-1.amazonaws.com/1.x/cwr.js',{sessionSampleRate:1,"
            b"identityPoolId:'eu-west-1:11111111-2222-4333-8444-555555555555',telemetries:['http']"
            b"});</script><meta http-equiv=content-security-policy content=\"script-src 'self'\">",
    "script": b"import {AwsRum} from 'aws-rum-web'; const c = {sessionSampleRate: 1, endpoint:"
              b" `https://${h}`}; export const r = new AwsRum('id', '1.0.0', 'eu-west-1', c);",
    "csp": b"default-src 'none'; script-src 'sha256-abc=' 'nonce-x' https://*.example:*/a/; sandbox",
    "recording": b'{"log": {"version": "1.2", "creator": {"name": "x"}, "pages": [], "entries": [{'
                 b'"startedDateTime": "2026-03-02T08:00:00.000Z", "time": 1, "request": {"method":'
                 b' "POST", "url": "https://dataplane.rum.eu-west-1.amazonaws.com/appmonitors/id",'
                 b' "headers": [{"name": "a", "value": "b"}], "postData": {"text": "{}"}},'
                 b' "response": {"status": 403, "headers": [], "content": {"text": "e30=",'
                 b' "encoding": "base64"}}}]}}',
    "console": b"cwr.js:1 Refused to load the script 'https://a/b.js' because it violates the"
               b' following Content Security Policy directive: "script-src x".\n[{"type": "log"}]',
    "storage": b'{"localStorage": {"cwr_c": "eyJhIjoxfQ==", "cwr_i": "{}"}, "cookies": "cwr_s=eyJ9"}',
    "packages": b'{"lockfileVersion": 3, "packages": {"node_modules/aws-rum-web": {"version": "1.2"}}}',
    "trail": b'{"Records": [{"eventVersion": "1.08", "eventTime": "2026-03-02T08:00:00Z",'
             b' "eventSource": "rum.amazonaws.com", "eventName": "PutRumEvents", "awsRegion":'
             b' "eu-west-1", "errorCode": "AccessDenied", "requestParameters": {"id": "x"},'
             b' "userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::1:assumed-role/a/b"}}]}',
    "policy": b'{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "rum:*",'
              b' "Resource": ["*"], "Condition": {"StringLike": {"rum:alias": ["a*", "${x}"]}}}]}',
    "targets": b"defaults: {since: 24h}\naccounts:\n- {profile: a, region: eu-west-1}\nmonitors:\n"
               b"- {monitor: b, account: a}\naccepted:\n- {check: signing, monitor: b, reason: c,"
               b" until: 2026-05-01}\n",
    "case": b'{"schema": 1, "target": {"monitor": "a"}, "verdict": "broken", "root_cause": null,'
            b' "path": [{"hop": "page", "status": "fail"}], "findings": [{"check": "signing", "hop":'
            b' "authorize", "section": "returns 403", "status": "fail", "title": "t", "summary": "s",'
            b' "evidence": [], "fixes": [], "docs": []}], "not_collected": []}',
}  # fmt: skip
PIECES = [
    b"[", b"]", b"{", b"}", b'"', b"'", b"`${", b"\\", b"/*", b"\x00", b"\xff", b"\xed\xa0\x80", b"null",
    b"-1e999", b"9" * 5000, b"1e400", b"NaN", b"true", b"[]", b"{}", b'""', b"\\ud800", b"\xef\xbb\xbf",
    b"\r\n", b"&a ", b"*a", b"<<: ", b"!!", b"? ", b": ", b"%", b"2026-02-30", b"0x", b"..", b"\x1f\x8b",
]  # fmt: skip
