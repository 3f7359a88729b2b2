import sys; sys.path.insert(0,'.')
from fit2 import *
O=tabs('own'); B=tabs('sb'); A=tabs('sa')
for tr,te,l in ((O+B,A,'sa'),(A+O,B,'sb'),(A+B,O,'own')):
    m,s=cross(tr,te,l)
    names,X,y,g,grp,cy=stack(te); seed=np.array([t['seed'] for t in te])[grp]; seg=np.concatenate([t['seg'] for t in te]); lev=np.array([t['level'] for t in te])[grp]
    f=np.where(y==0)[0]; f=f[np.argsort(-s[f])][:24]
    print(l,'FP',' '.join(f'{seed[i]}:{seg[i]}:{s[i]:.1f}{"c" if cy[i] else ""}' for i in f))
    m=np.where((y==1)&(g>=2)&(lev!='hard'))[0]; m=m[np.argsort(s[m])][:24]
    print(l,'FN',' '.join(f'{seed[i]}:{seg[i]}:{s[i]:.1f}g{g[i]:.0f}' for i in m))
