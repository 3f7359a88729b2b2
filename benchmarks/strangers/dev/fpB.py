import sys; sys.path.insert(0,'.')
from fit2 import *
O=tabs('own'); B=tabs('sb'); A=tabs('sa')
m,s=cross(O+A,B,'own+A->B')
names,X,y,g,grp,cy=stack(B); seed=np.array([t['seed'] for t in B])[grp]; seg=np.concatenate([t['seg'] for t in B]); lev=np.array([t['level'] for t in B])[grp]; idx=np.concatenate([np.arange(len(t['y'])) for t in B])
side=np.concatenate([['R']*sum(1 for _ in t['seg']) for t in B])
f=np.where(y==0)[0]; f=f[np.argsort(-s[f])][:45]
for i in f: print(int(seed[i]),seg[i],lev[i],round(float(s[i]),1),bool(cy[i]), 'pos' if B[grp[i]]['pos'] else 'neg')
