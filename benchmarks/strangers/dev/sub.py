import sys; sys.path.insert(0,'.')
from fit2 import *
import fit2
O=tabs('own'); B=tabs('sb'); A=tabs('sa')
names=O[0]['names']
def run(cols,label,**kw):
    res=[]
    for tr,te in ((O+B,A),(O+A,B),(A+B,O)):
        nm,X,y,g,grp,cy=stack(tr); k=~np.isnan(y); X=X[:,cols]
        p=dict(max_iter=160,max_leaf_nodes=8,learning_rate=.07,min_samples_leaf=20,l2_regularization=5,early_stopping=False,random_state=0,max_features=.35,monotonic_cst=[names[c].startswith(RISES)-names[c].startswith(FALLS) for c in cols]); p.update(kw)
        m=H(**p).fit(X[k],y[k]==1)
        nm,X,y,g,grp,cy=stack(te); s=m.decision_function(X[:,cols])
        neg=np.sort(s[y==0])[::-1]; nl=sum(t['nl'] for t in te)
        pos=np.array([t['pos'] for t in te]); full=np.array([s[grp==i].max() for i in range(len(te))])
        a,b=full[pos],full[~pos]
        res+= [np.sum((y==1)&(s>neg[int(.2*len(te))]))/nl, (a[:,None]>b[None]).mean()]
    print(label,len(cols),np.round(res,3),'mean',np.round(np.mean(res[::2]),3),np.round(np.mean(res[1::2]),3),flush=True)
allc=list(range(len(names)))
def no(*p): return [i for i in allc if not names[i].startswith(p)]
run(allc,'all')
run(allc,'leaf5',max_leaf_nodes=5,max_iter=250)
run(allc,'l2 30',l2_regularization=30,min_samples_leaf=40)
run(no('signal_'),'no signal')
run(no('spread','usual_tip','slope'),'no context')
run(no('side_'),'no side')
run(no('all_','patch_'),'no all/patch')
run(no('piece_'),'no piece')
run(no('sleeve','base'),'no shape')
run(no('spread','usual_tip','slope','signal_'),'no ctx sig')
