import pickle,sys; import numpy as np
from fit import *
T=pickle.load(open(f'tab_{sys.argv[1]}.pkl','rb'))
names,X,y,g,grp,cy=stack(T); s=np.full(len(y),np.nan)
for tr,te in GroupKFold(5).split(X,groups=grp):
    k=tr[~np.isnan(y[tr])]; m=model().fit(X[k],y[k]==1); s[te]=m.decision_function(X[te])
neg=np.sort(s[y==0])[::-1]; th=neg[int(.2*len(T))]
seg=np.concatenate([t['seg'] for t in T])
lev=np.array([t['level'] for t in T])[grp]; seed=np.array([t['seed'] for t in T])[grp]
for G in (3,2):
    m=(y==1)&(g==G)&(s<th); o=np.where(m)[0]; o=o[np.argsort(s[o])]
    print(G,'missed',[(int(seed[i]),seg[i],lev[i],round(float(s[i]),1)) for i in o][:40])
f=np.where((y==0)&(s>th))[0]; print('false',[(int(seed[i]),seg[i],lev[i],round(float(s[i]),1),bool(cy[i])) for i in f[np.argsort(-s[f])]])
print(th)
