import sys; sys.path[:0]=['.','./']
from fit2 import *
from benchmarks.train_leak_score import trees_as_json
from pathlib import Path
def make(T,share=.08,it=160):
    names,X,y,g,grp,cy=stack(T)
    s=np.full(len(y),np.nan)
    for tr,te in GroupKFold(4).split(X,groups=grp):
        k=tr[~np.isnan(y[tr])]; s[te]=mdl(names,it).fit(X[k],y[k]==1).decision_function(X[te])
    froc(T,s,grp,y,g,'cv')
    full=np.array([s[grp==i].max() for i in range(len(T))]); neg=np.array([not t['pos'] for t in T])
    th=float(np.quantile(full[neg],1-share)); print('th',th,'sens',(full[~neg]>th).mean())
    k=~np.isnan(y); m=mdl(names,it).fit(X[k],y[k]==1)
    Path('./src/myeloscope/myelography/leak_score.json').write_text(trees_as_json(m,names,th,range(0,720)))
if __name__=='__main__': make(tabs(*sys.argv[1:]))
