"""Texts that mean something to whoever reads them: a shell, a browser, a terminal, a template."""

# ruff: noqa: E501 - texts that are easier to read whole

from __future__ import annotations

TEXTS = {
    "quote": "'; touch canary; echo '",
    "double quote": '"; touch canary; echo "',
    "substitution": "$(touch canary)`touch canary`${IFS}<(touch canary)",
    "lines": "x\ntouch canary\r\ntouch canary\u2028touch canary\x85",
    "operators": "a & touch canary & b | touch canary; > canary",
    "terminal": "\x1b]0;'\x07; touch canary #\x1b[2J\x1b[31m\x9b31m\x1bP1$r\x1b\\",
    "turned round": "\u202e\u2066canary\u2069\u200b\u200f\U000e0041; touch canary",
    "elements": "<script>canary()</script><img src=x onerror=canary()><svg onload=canary()>",
    "attribute": "\"' onmouseover=canary() autofocus onfocus=canary() x=\"><a href=javascript:canary()>",
    "frame": "<iframe srcdoc='<script>parent.canary()</script>'></iframe><base href=http://canary.invalid/>",
    "end of script": "</script><script>canary()</script><!--<script></style><style>@import'http://canary.invalid'",
    "Markdown": "![x](http://canary.invalid/a.png) [y](javascript:canary()) <http://canary.invalid/b>\n\n# H",
    "fence": "```\n<img src=http://canary.invalid/c.png>\n~~~\n| a | b |\n<script>canary()</script>",
    "LaTeX": "$\\href{javascript:canary()}{x}$ \\(\\require{html}\\) $$\\includegraphics{http://canary.invalid/l}$$",
    "formula": '=HYPERLINK("http://canary.invalid","x")',
    "command formula": "@SUM(1+1)*cmd|' /C calc'!A0",
    "XML": "]]>\x00\x08\ufffe\ufeff<failure/>&canary;<!DOCTYPE x [<!ENTITY canary SYSTEM 'file:///etc/passwd'>]>",
    "mentions": "<!channel> <!here|x> <@U012> @here @everyone <at>all</at>",
    "templates": "{{ canary() }}{% include '/etc/passwd' %}{{''.__class__}}#{canary()}<%= canary() %>",
    "JavaScript": "'}); canary(); ({a: '${canary()}\\",
    "Terraform": '${file("/etc/passwd")}%{ for x in y }%{ endfor }" }\nresource "x" "y" {',
    "CloudFormation": "!Sub ${AWS::AccountId}{{resolve:ssm-secure:x}}\n- Fn::Sub: ${AWS::Region}",
    "policy": "https://a.example; script-src * 'unsafe-inline' https://canary.invalid, default-src *",
    "options": "--endpoint-url=http://canary.invalid",
    "file": "file:///etc/passwd",
    "everything": "*",
    "half": "\ud800 canary",
}  # fmt: skip
