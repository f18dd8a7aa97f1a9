(function(){
addEventListener('load',function(){setTimeout(function(){
document.documentElement.classList.remove('rf-first')},50)});
var rows,texts;
var search=document.getElementById('rf-search'),state=document.getElementById('rf-state'),
owner=document.getElementById('rf-owner'),change=document.getElementById('rf-change'),
shown=document.getElementById('rf-shown');
function read(){rows=[].slice.call(document.querySelectorAll('tbody tr'));
texts=rows.map(function(row){return row.textContent.toLowerCase()})}
function apply(){
if(!rows)read();
var words=search.value.toLowerCase().split(/\s+/).filter(Boolean),count=0;
rows.forEach(function(row,at){
var fits=(!state.value||row.dataset.state===state.value)&&
(!owner.value||row.dataset.owner===owner.value)&&
(!change.value||row.dataset.change===change.value)&&
words.every(function(word){return texts[at].indexOf(word)>=0});
row.hidden=!fits;if(fits)count++});
shown.textContent=count+' of '+rows.length+' shown'}
[search,state,owner,change].forEach(function(each){each.addEventListener('input',apply)})})();
