"""The style sheet and the one script of every HTML view; nothing is fetched."""

from __future__ import annotations

_LIGHT = (
    "--rk-fg:#1b1f24;--rk-dim:#545d68;--rk-line:#d0d7de;--rk-soft:#f4f6f8;--rk-bg:#fff;"
    "--rk-fail:#a83200;--rk-fail-soft:#fff3ed;--rk-warn:#7a5200;--rk-pass:#00684d;"
    "--rk-unknown:#4a5560;--rk-skip:#5d6670;--rk-link:#0a58ca"
)
_DARK = (
    "--rk-fg:#e6e9ec;--rk-dim:#a6b0ba;--rk-line:#444c56;--rk-soft:#22272e;--rk-bg:#161a1e;"
    "--rk-fail:#ff9a66;--rk-fail-soft:#2d1f19;--rk-warn:#f0b64a;--rk-pass:#4fd1a5;"
    "--rk-unknown:#b7c0ca;--rk-skip:#9aa4ae;--rk-link:#7db4ff"
)

# Each rule of a plain element names `.rk` twice, to weigh more than JupyterLab's own.
CSS = f"""
.rk,[data-jp-theme-light="true"] .rk{{{_LIGHT}}}
@media (prefers-color-scheme:dark){{.rk{{{_DARK}}}}}
[data-jp-theme-light="false"] .rk{{{_DARK}}}
.rk{{color:var(--rk-fg);font:14px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;
max-width:1000px;overflow-wrap:anywhere}}
.rk *{{box-sizing:border-box}}
.rk.rk h3,.rk.rk h4{{margin:1.1em 0 .4em;font-weight:600;line-height:1.3;color:inherit}}
.rk.rk h3{{font-size:16px}}.rk.rk h4{{font-size:15px}}
.rk p,.rk.rk p{{margin:.3em 0}}
.rk a{{color:var(--rk-link)}}
.rk.rk .rk-verdict{{display:flex;gap:.6em;align-items:baseline;flex-wrap:wrap;font-size:18px;
margin:.2em 0}}
.rk-verdict strong{{font-size:20px}}
.rk .fail{{color:var(--rk-fail)}}.rk .warn{{color:var(--rk-warn)}}.rk .pass{{color:var(--rk-pass)}}
.rk .unknown,.rk .configured{{color:var(--rk-unknown)}}.rk .unreached{{color:var(--rk-skip)}}
.rk .skip{{color:var(--rk-skip)}}
.rk.rk .rk-target{{color:var(--rk-dim);margin:.2em 0 .8em}}
.rk.rk .rk-practice{{display:inline-block;border:2px dashed var(--rk-warn);border-radius:6px;
color:var(--rk-warn);font-weight:600;padding:.2em .8em}}
.rk-part{{display:inline-block}}
.rk-target b{{font-weight:600}}
.rk-cause{{border:1px solid var(--rk-line);border-left:5px solid var(--rk-fail);border-radius:6px;
background:var(--rk-fail-soft);padding:.4em 1.1em .9em;margin:1em 0}}
.rk-cause h3{{margin-top:.5em}}
.rk-cause .rk-said{{font-size:15.5px}}
.rk details{{border-top:1px solid var(--rk-line);padding:.35em 0}}
.rk-cause details{{border-top:0}}
.rk summary{{cursor:pointer;padding:.15em .2em;display:list-item}}
.rk summary:focus-visible,.rk button:focus-visible,.rk a:focus-visible,.rk pre:focus-visible,
.rk-scroll:focus-visible,.rk .dt-container :focus-visible{{
outline:2px solid var(--rk-link);outline-offset:2px}}
.rk-sign{{display:inline-block;width:1.3em;text-align:center;font-weight:700}}
.rk-state{{font-weight:600;white-space:nowrap}}
.rk-dim{{color:var(--rk-dim)}}
.rk-inside{{padding:.1em 0 .5em 1.5em}}
.rk.rk code,.rk.rk pre{{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}}
.rk.rk code{{background:none;color:inherit;padding:0}}
.rk-fix{{border:1px solid var(--rk-line);border-radius:6px;margin:.6em 0;background:var(--rk-bg)}}
.rk-fix-head{{display:flex;justify-content:space-between;align-items:center;gap:1em;
padding:.35em .8em;border-bottom:1px solid var(--rk-line)}}
.rk .rk-fix pre{{margin:0;padding:.6em .8em;overflow:auto;max-height:26em;background:none;
color:inherit;white-space:pre-wrap;overflow-wrap:anywhere;border:0}}
.rk-mind{{padding:.3em .8em .5em;color:var(--rk-dim)}}
.rk-proof{{padding:.3em .8em;border-top:1px solid var(--rk-line);font-weight:600}}
.rk-kind{{font-size:12px;border:1px solid var(--rk-line);border-radius:99px;padding:0 .6em;
margin-right:.5em;white-space:nowrap}}
.rk-copy{{display:none;font:12.5px system-ui,sans-serif;padding:.2em .8em;border-radius:5px;
border:1px solid var(--rk-dim);background:var(--rk-soft);color:var(--rk-fg);cursor:pointer;
white-space:nowrap}}
.rk-js .rk-copy{{display:inline-block}}
.rk-scroll{{overflow:auto;max-height:27em;margin:.4em 0}}
.rk-scroll:has(.dt-container){{max-height:none}}
.rk .dt-container,.rk .dt-container :is(input,select,button,label,div,nav,tr,td,th,span){{
color:inherit!important;background-color:transparent!important;box-shadow:none!important}}
.rk .dt-container :is(input,select,.dt-paging-button){{border:1px solid var(--rk-dim)!important;
border-radius:4px}}
.rk .dt-container option{{background:var(--rk-bg);color:var(--rk-fg)}}
.rk.rk table,.rk.rk table.dataTable{{border-collapse:collapse;font-size:13px;margin:0;border:0;
color:inherit;table-layout:auto;overflow-wrap:break-word}}
.rk.rk caption{{text-align:left;color:var(--rk-dim);padding:.2em 0;caption-side:top}}
.rk.rk th,.rk.rk td{{text-align:left;vertical-align:top;padding:.28em .8em .28em .3em;border:0;
border-bottom:1px solid var(--rk-line);max-width:34em;min-width:5em;background:none;color:inherit}}
.rk th{{font-weight:600;white-space:nowrap}}
.rk td.rk-short{{white-space:nowrap}}
.rk td.rk-time{{white-space:nowrap;font-variant-numeric:tabular-nums}}
.rk-more{{color:var(--rk-dim)}}
.rk figure{{margin:.4em 0}}.rk figcaption{{margin:.2em 0 .4em}}
.rk figure svg{{max-width:100%;height:auto}}
.rk.rk .rk-error{{border:2px solid var(--rk-fail);border-radius:6px;background:var(--rk-fail-soft);
color:var(--rk-fail);font-weight:600;padding:.4em .8em}}
@media print{{.rk details>*{{display:block}}.rk-copy,
.rk .dt-container .dt-layout-row:not(.dt-layout-table){{display:none!important}}}}
"""

# What it does: draws the picture of the path, copies the block beside a button, and leaves the keys
# of a table or a block to it. The listeners serve the document; without script the buttons stay
# hidden and text can be selected.
SCRIPT = """
(function(){
document.documentElement.classList.add('rk-js');
document.querySelectorAll('script.rk-drawing').forEach(function(node){
node.insertAdjacentHTML('beforebegin',node.textContent);node.remove()});
if(window.rumkitCopies)return;window.rumkitCopies=true;
function done(button){button.textContent='Copied';
setTimeout(function(){button.textContent='Copy'},1600)}
function byHand(node,button){var range=document.createRange();range.selectNodeContents(node);
var chosen=getSelection();chosen.removeAllRanges();chosen.addRange(range);
if(document.execCommand('copy'))done(button)}
// JupyterLab would take a list's arrows and letters for commands to its cells.
window.addEventListener('keydown',function(event){
if(event.ctrlKey||event.metaKey||event.altKey||!event.target.closest)return;
var here=event.target.closest('.rk-scroll,.rk pre');
if(here&&/^(Arrow|Page|Home|End|[^ ]$)/.test(event.key))event.stopPropagation()},true);
document.addEventListener('click',function(event){
var button=event.target.closest&&event.target.closest('.rk-copy');if(!button)return;
var node=button.closest('.rk-fix').querySelector('pre');
if(navigator.clipboard&&navigator.clipboard.writeText)
navigator.clipboard.writeText(node.textContent).then(function(){done(button)},
function(){byHand(node,button)});
else byHand(node,button)})})();
"""


def wrap(body: str, *, label: str) -> str:
    """Return a view's HTML with all that it needs; `label` is trusted text without markup."""
    return (
        f'<div class="rk" role="group" aria-label="{label}"><style>{CSS}</style>{body}'
        f"<script>{SCRIPT}</script></div>"
    )
