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
