(function(){window.rumkitEnliven=function(){if(window.rumkitTables)
window.rumkitTables.then(function(library){
document.querySelectorAll('table[data-rumkit-table]:not(.dataTable)').forEach(function(table){
var long=table.tBodies[0].rows.length>10;
new library.ITable(table,{order:[],autoWidth:false,pageLength:10,paging:long,info:long,
layout:{topStart:'search',topEnd:long?'pageLength':null,bottomStart:long?'info':null,
bottomEnd:long?'paging':null},
language:{search:'Filter',lengthMenu:'_MENU_ rows'}})})})};
setTimeout(window.rumkitEnliven,0)})();
